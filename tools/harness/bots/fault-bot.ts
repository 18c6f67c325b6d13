import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { WireError } from '#libs/protocol/errors.js';
import type { Message } from '#libs/protocol/message.js';
import type { BotHistory, Resumes, Step } from '../checker/history.js';
import type { Random } from '../random.js';
import type { CrewBot } from './crew-bot.js';
import { choke } from './choke.js';
import { Outbox } from './outbox.js';
import type { PostReply } from './outbox.js';

type Ready = { channels: { channel: string; cursor: number; head: number }[] };
type Hole = { channel: string; from: number; to: number };
type Backlog = { channel: string; messages: Message[] };
type AckReply = { ok: true } | { ok: false; error: WireError };

const ACK_EVERY_MS = 150;

export type FaultBotOptions = Readonly<{
  url: string;
  bot: string;
  key: string;
  resumes: Resumes;
  memberSince: BotHistory['memberSince'];
  random: Random;
  /** Default: `websocket`. */
  transport?: 'websocket' | 'polling';
  /** By default the bot reconnects as soon as it can. */
  reconnection?: Readonly<{ reconnectionDelay: number; reconnectionDelayMax: number }>;
  /** Headers of every connection. */
  headers?: Readonly<Record<string, string>>;
  /** Called for each step as it happens, before anything that follows from it. */
  onStep?(step: Step): void;
}>;

const EAGER = { reconnectionDelay: 50, reconnectionDelayMax: 300 };

/**
 * A bot as an author would write it with only socket.io-client: it reconnects by itself, says where it was, retries posts
 * without an answer, and records everything it sees.
 */
export class FaultBot implements CrewBot {
  readonly outbox: Outbox;
  private readonly socket: Socket;
  private readonly steps: Step[] = [];
  /** Last seq seen, by channel. */
  private readonly seen: Record<string, number>;
  readonly channels: readonly string[];
  private readonly timers: NodeJS.Timeout[] = [];
  private greeted = false;
  private askedAt = 0;
  private talking: NodeJS.Timeout | undefined;

  constructor(private readonly options: FaultBotOptions) {
    this.seen = { ...options.memberSince };
    this.channels = Object.keys(options.memberSince);
    this.socket = io(`${options.url}/bots`, {
      transports: [options.transport ?? 'websocket'],
      ...(options.reconnection ?? EAGER),
      ...(options.headers && { extraHeaders: { ...options.headers } }),
      forceNew: true,
      autoConnect: false,
      auth: (say) => say(this.auth()),
    });
    const send = (post: object, answer: (reply: PostReply) => void): boolean => {
      if (!this.atWork) return false;
      this.socket.emit('post', post, answer);
      return true;
    };
    this.outbox = new Outbox(options.bot, send, (step) => this.record(step), options.random);
    this.listen();
  }

  get history(): BotHistory {
    const { bot, resumes, memberSince } = this.options;
    return { bot, resumes, memberSince, steps: this.steps };
  }

  get name(): string {
    return this.options.bot;
  }

  get key(): string {
    return this.options.key;
  }

  /** Whether it is connected and was told its cursors. Posts to be repeated are sent before anything new. */
  get atWork(): boolean {
    return this.greeted && this.socket.connected;
  }

  get unanswered(): number {
    return this.outbox.size;
  }

  lastSeen(channel: string): number {
    return this.seen[channel] ?? Infinity;
  }

  connect(): void {
    this.socket.connect();
    if (this.options.resumes === 'stored')
      this.timers.push(setInterval(() => this.acknowledge(), ACK_EVERY_MS));
  }

  /** Posts at a steady rate while connected, to its channels at random. */
  talk(perSecond: number): void {
    this.talking = setInterval(() => {
      if (this.atWork) this.outbox.say(this.options.random.pick(this.channels));
    }, 1_000 / perSecond);
  }

  fallSilent(): void {
    clearInterval(this.talking);
  }

  repeatSome(count: number): void {
    this.outbox.repeatSome(count);
  }

  /** Sends unanswered posts and some answered ones over HTTP, to all of these servers at once. */
  storm(urls: readonly string[]): Promise<void> {
    return this.outbox.storm(urls, this.options.key);
  }

  /** Closes the connection as a failing network would; the bot then reconnects. */
  cut(): void {
    this.socket.io.engine.close();
  }

  close(): void {
    this.fallSilent();
    for (const timer of this.timers) clearInterval(timer);
    this.outbox.clearTimers();
    this.socket.disconnect();
  }

  /** Listens to any other event of the server. */
  hear(event: string, listener: (said: Record<string, unknown>) => void): void {
    this.socket.on(event, listener);
  }

  /** Makes a request. @throws Error when there is no answer within 10 s */
  async request(event: string, payload: object): Promise<Record<string, unknown>> {
    return (await this.socket.timeout(10_000).emitWithAck(event, payload)) as Record<string, unknown>;
  }

  /** Stops the connection in the middle of the next larger message. @param onHalf called when half of it was sent */
  choke(onHalf: () => void): void {
    choke(this.socket, onHalf);
  }

  private record(step: Step): void {
    this.steps.push(step);
    this.options.onStep?.(step);
  }

  private auth(): object {
    const { key, resumes } = this.options;
    this.askedAt = Date.now();
    return { key, resume: resumes === 'map' ? { ...this.seen } : 'stored' };
  }

  private listen(): void {
    this.socket
      .on('ready', ({ channels }: Ready) => {
        const cursors = Object.fromEntries(channels.map(({ channel, cursor }) => [channel, cursor]));
        this.record({ type: 'connected', cursors, askedAt: this.askedAt });
        this.greeted = true;
        this.outbox.again();
      })
      .on('message', (message: Message) => this.receive(message))
      .on('backlog', ({ channel, messages }: Backlog, acknowledge: () => void) => {
        for (const message of messages) this.receive(message);
        this.record({ type: 'acknowledging', channel, seq: this.seen[channel]! });
        acknowledge();
      })
      .on('caughtup', ({ channel, seq }: { channel: string; seq: number }) =>
        this.record({ type: 'caughtup', channel, seq }),
      )
      .on('truncated', (hole: Hole) => this.passOver(hole))
      .on('skipped', (hole: object) => this.offended(`skipped ${JSON.stringify(hole)}`));
    this.listenForTheEnd();
  }

  /** A connection may be lost at any time, but the server must never refuse or disconnect these bots. */
  private listenForTheEnd(): void {
    this.socket
      .on('connect_error', (error: Error & { data?: WireError }) => {
        if (!this.socket.active) this.comeBack(`refused: ${error.data?.code ?? error.message}`);
      })
      .on('disconnect', (reason) => {
        this.greeted = false;
        if (reason === 'io server disconnect') this.comeBack('disconnected by the server');
      });
  }

  private comeBack(offence: string): void {
    this.offended(offence);
    this.timers.push(setTimeout(() => this.socket.connect(), 100));
  }

  private offended(by: string): void {
    this.record({ type: 'offended', by });
  }

  private receive({ channel, seq, id, bot, body }: Message): void {
    this.record({ type: 'received', channel, seq, id, from: bot, body });
    this.seen[channel] = Math.max(seq, this.seen[channel] ?? -1);
  }

  private passOver({ channel, from, to }: Hole): void {
    this.record({ type: 'truncated', channel, from, to, at: Date.now() });
    this.seen[channel] = Math.max(to, this.seen[channel] ?? -1);
  }

  private acknowledge(): void {
    if (!this.atWork) return;
    const upTo = Object.entries(this.seen).filter(([, seq]) => seq >= 0);
    const record = (type: 'acknowledging' | 'acknowledged'): void => {
      for (const [channel, seq] of upTo) this.record({ type, channel, seq });
    };
    record('acknowledging');
    this.socket.emit('ack', Object.fromEntries(upTo), (reply: AckReply) => {
      if (reply.ok) record('acknowledged');
      else if (!reply.error.retryable) this.offended(`ack: ${reply.error.code}`);
    });
  }
}
