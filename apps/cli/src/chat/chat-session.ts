import { io, type Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import type { WireError } from '#libs/protocol/errors.js';
import type { Message } from '#libs/protocol/message.js';
import { whyNoAnswer } from '../client/api-client.js';
import { CommandFailed } from '../command-failed.js';
import { Acknowledger } from './acknowledger.js';
import { Outbox, type Post, type PostAnswer } from './outbox.js';
import type { Screen } from './screen.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

export type ChatOptions = Readonly<{
  url: string;
  key: string;
  bot: string;
  channel: string;
  consumer?: string;
}>;

type Ready = Readonly<{ channels: readonly Readonly<{ channel: string }>[] }>;
type Backlog = Readonly<{ channel: string; messages: readonly Message[]; missed: number }>;
type Hole = Readonly<{ channel: string; from: number; to: number; reason: string }>;
/** With `data`, the server refused the connection. `description` tells why no connection could be made. */
type ConnectError = Error & Readonly<{ data?: WireError; description?: { error?: { code?: unknown } } }>;
type Answer = Readonly<{ ok: true } | { ok: false; error: WireError }>;

/** Milliseconds until it connects again after the server has closed the connection. */
const AGAIN_MS = 500;
/** Milliseconds to wait for an answer. The server itself answers a post within 30 s. */
const ANSWER_MS = 35_000;
/** Milliseconds in which the server must accept the connection when the chat begins. */
const CONNECT_MS = 10_000;
/** Milliseconds that the last steps may take when the chat ends. */
const FAREWELL_MS = 5000;
/** Codes of the notices after which the server closes the connection for good. */
const FINAL_NOTICES = new Set(['superseded', 'access_withdrawn']);

/**
 * Runs one bot in one channel over a plain Socket.IO client. It shows the backlog, then live messages, and
 * posts lines.
 */
export class ChatSession {
  private readonly socket: Socket;
  private readonly outbox: Outbox;
  private readonly acknowledger: Acknowledger;
  private readonly ended = new AbortController();
  /** Rejects when the chat cannot continue. */
  readonly failed: Promise<never>;
  private fail!: (error: Error) => void;
  /** Resolves when the channel is live for the first time. */
  readonly live: Promise<void>;
  private nowLive!: () => void;
  private lastShown: number | undefined;
  private wasReady = false;
  private readonly shownListeners = new Set<() => void>();

  constructor(
    private readonly options: ChatOptions,
    private readonly screen: Screen,
  ) {
    const { url, key, consumer } = options;
    this.failed = new Promise((_, reject) => (this.fail = reject));
    this.failed.catch(() => this.ended.abort());
    this.live = new Promise((resolve) => (this.nowLive = resolve));
    this.socket = io(`${url}/bots`, {
      // Evaluated at every connection: after a reconnect, this process knows better than the stored cursor
      // what was shown.
      auth: (give) => give({ key, resume: this.resume(), ...(consumer === undefined ? {} : { consumer }) }),
      transports: ['websocket'],
      timeout: CONNECT_MS,
      reconnectionDelay: 200,
      reconnectionDelayMax: 2000,
    });
    this.outbox = new Outbox(
      (post) => this.send(post),
      (error) => screen.showRemark('refused', `Not sent: ${error.message}`, { error }),
      this.ended.signal,
    );
    this.acknowledger = new Acknowledger(async (seq) => {
      const answer = await this.sendRequest<Answer>('ack', { [options.channel]: seq });
      if (!answer.ok) throw new Error(answer.error.message);
    });
    this.listen();
  }

  post(body: string): void {
    this.outbox.addPost({ id: uuidv7(), body });
  }

  /** Sends one line. Lines typed before the bot is a member wait until it is. */
  private async send({ id, body }: Post): Promise<PostAnswer> {
    await this.live;
    return this.sendRequest('post', { id, channel: this.options.channel, body });
  }

  /** Waits until everything posted is accepted, shown and acknowledged, then disconnects. */
  async finish(): Promise<void> {
    await this.live;
    await this.outbox.drained();
    const farewell = AbortSignal.timeout(FAREWELL_MS);
    await this.shown(this.outbox.lastSeq, farewell);
    await Promise.race([this.acknowledger.settled(), aborted(farewell)]);
    this.close();
  }

  close(): void {
    this.ended.abort();
    this.socket.disconnect();
  }

  private resume(): 'stored' | Readonly<Record<string, number>> {
    return this.lastShown === undefined ? 'stored' : { [this.options.channel]: this.lastShown };
  }

  private listen(): void {
    const { socket, screen } = this;
    socket.on('ready', (ready: Ready) => void this.beginChat(ready));
    socket.on('backlog', (batch: Backlog, acknowledge: () => void) => this.showBacklog(batch, acknowledge));
    socket.on('message', (message: Message) => {
      if (this.show(message, false)) this.acknowledger.shownUpTo(message.seq);
    });
    socket.on('caughtup', ({ channel }: { channel: string }) => {
      if (channel !== this.options.channel) return;
      screen.showRemark('caughtup', `You are live in ${channel}`);
      this.nowLive();
    });
    for (const event of ['truncated', 'skipped'])
      socket.on(event, (hole: Hole) => this.showHole(event, hole));
    socket.on('notice', (notice: { code: string; message: string }) => {
      if (FINAL_NOTICES.has(notice.code)) this.fail(new CommandFailed(notice.message));
      else screen.showRemark('notice', notice.message, { code: notice.code });
    });
    socket.on('connect_error', (error: ConnectError) => this.onConnectError(error));
    socket.on('disconnect', (reason) => this.onDisconnect(reason));
  }

  /** Runs at every connection. Makes the bot a member of the channel if it is not one yet. */
  private async beginChat({ channels }: Ready): Promise<void> {
    const { channel, bot } = this.options;
    if (this.wasReady) this.screen.showRemark('reconnected', 'Connected again');
    this.wasReady = true;
    if (channels.some((known) => known.channel === channel)) return;
    const answer = await this.sendRequest<Answer>('join', { channel }).catch(() => undefined);
    if (answer === undefined) return; // the connection broke; the next `ready` tries again
    if (answer.ok) this.screen.showRemark('joined', `${bot} joined ${channel}`);
    else this.fail(new CommandFailed(answer.error.message));
  }

  /**
   * Shows and acknowledges a batch of backlog. Backlog of other channels is not acknowledged, so it stays
   * there for whoever reads those channels.
   */
  private showBacklog({ channel, messages, missed }: Backlog, acknowledge: () => void): void {
    if (channel !== this.options.channel) return;
    const before = this.lastShown;
    const fresh = messages.filter(({ seq }) => before === undefined || seq > before);
    if (fresh.length > 0 && missed > 0) this.remarkMissed(missed);
    for (const message of fresh) this.show(message, true);
    acknowledge();
    const last = messages.at(-1);
    if (last !== undefined) this.acknowledger.toldUpTo(last.seq);
  }

  private missedSaid = 0;

  /** Tells how much was missed, once per connection and not for every batch. */
  private remarkMissed(missed: number): void {
    if (this.missedSaid === 0) {
      const things = missed === 1 ? 'message' : 'messages';
      this.screen.showRemark('missed', `You missed ${missed} ${things} in ${this.options.channel}:`, {
        missed,
      });
    }
    this.missedSaid = missed;
  }

  private showHole(event: string, { channel, from, to, reason }: Hole): void {
    if (channel !== this.options.channel) return;
    this.screen.showRemark(event, `Messages ${from} to ${to} are left out: ${reason}`, { from, to, reason });
  }

  /**
   * Shows a message. Returns false for a message of another channel, or one that was shown before a
   * reconnect.
   */
  private show(message: Message, missed: boolean): boolean {
    if (message.channel !== this.options.channel) return false;
    if (this.lastShown !== undefined && message.seq <= this.lastShown) return false;
    this.lastShown = message.seq;
    this.screen.message(message, missed);
    for (const listener of this.shownListeners) listener();
    return true;
  }

  private shown(seq: number, limit: AbortSignal): Promise<unknown> {
    if ((this.lastShown ?? -1) >= seq) return Promise.resolve();
    const arrived = new Promise<void>((resolve) => {
      this.shownListeners.add(() => {
        if ((this.lastShown ?? -1) >= seq) resolve();
      });
    });
    return Promise.race([arrived, aborted(limit)]);
  }

  private onConnectError({ data, description }: ConnectError): void {
    if (data !== undefined && !data.retryable) this.fail(new CommandFailed(data.message));
    else if (!this.wasReady)
      this.fail(new CommandFailed(data?.message ?? whyNoAnswer(this.options.url, description?.error?.code)));
  }

  private onDisconnect(reason: string): void {
    if (this.ended.signal.aborted) return;
    this.missedSaid = 0;
    this.screen.showRemark('disconnected', 'Connection lost, retrying...');
    // Socket.IO does not reconnect by itself after the server closed the connection.
    if (reason === 'io server disconnect')
      SYSTEM_CLOCK.after(AGAIN_MS, () => this.ended.signal.aborted || this.socket.connect());
  }

  private async sendRequest<Reply>(event: string, payload: object): Promise<Reply> {
    return (await this.socket.timeout(ANSWER_MS).emitWithAck(event, payload)) as Reply;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
