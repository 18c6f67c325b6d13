import type { Clock } from '#libs/time/clock.js';
import type { WireError } from '#libs/protocol/errors.js';
import type { Message } from '#libs/protocol/message.js';
import type { BotHistory, Resumes, Step } from '#tools/harness/checker/history.js';
import type { Random } from '#tools/harness/random.js';
import type { Frame, SimulatedConnection } from './simulated-connection.js';
import type { Post } from './simulated-gateway.js';

type Reply =
  | Readonly<{ ok: true; id: string; channel: string; seq: number; at: string; duplicate?: true }>
  | Readonly<{ ok: false; error: WireError }>;

export type BotOptions = Readonly<{
  bot: string;
  resumes: Resumes;
  channels: readonly string[];
  clock: Clock;
  random: Random;
  /** How many messages it posts without waiting for answers. */
  pipeline: number;
  /** Opens a connection to any gateway that is there, if one is. */
  connect(bot: SimulatedBot, auth: object): SimulatedConnection | undefined;
}>;

const ACK_EVERY_MS = 150;

/**
 * A bot as its author would write it: it reconnects, says where it was, posts again what was not answered, and records
 * everything it sees.
 */
export class SimulatedBot {
  readonly steps: Step[] = [];
  connection: SimulatedConnection | undefined;
  private readonly seen: Record<string, number>;
  private readonly unanswered = new Map<string, Post>();
  private readonly answered: Post[] = [];
  private greeted = false;
  private away = true;
  private count = 0;
  private sendings = 0;
  private askedAt = 0;

  constructor(private readonly options: BotOptions) {
    this.seen = Object.fromEntries(options.channels.map((channel) => [channel, -1]));
  }

  get name(): string {
    return this.options.bot;
  }

  get history(): BotHistory {
    const { bot, resumes, channels } = this.options;
    const memberSince = Object.fromEntries(channels.map((channel) => [channel, -1]));
    return { bot, resumes, memberSince, steps: this.steps };
  }

  /** Whether every post is answered, and the bot has read up to these heads. */
  isSettled(heads: ReadonlyMap<string, number>): boolean {
    const level = [...heads].every(([channel, head]) => this.seen[channel] === head);
    return this.greeted && this.unanswered.size === 0 && level;
  }

  /** Connects, and reconnects whenever it loses its connection. */
  come(): void {
    if (!this.away) return;
    this.away = false;
    this.open();
  }

  /** Leaves, and may come back later. */
  go(): void {
    this.away = true;
    this.connection?.cut();
  }

  /** Opens another connection although it has one. The server still holds the old one. */
  comeAgain(): void {
    if (this.away || !this.connection) return;
    this.connection.client = undefined;
    this.lost();
  }

  say(): void {
    if (!this.greeted || this.unanswered.size >= this.options.pipeline) return;
    const { random, bot, clock, channels } = this.options;
    this.count += 1;
    const post = {
      id: uuidv7(clock.now(), random),
      channel: random.pick(channels),
      body: `${bot} ${this.count}`,
    };
    this.submit(post);
  }

  /** Posts again what was answered long ago. */
  repeat(): void {
    if (this.greeted && this.answered.length > 0) this.submit(this.options.random.pick(this.answered));
  }

  private open(): void {
    const { bot, resumes } = this.options;
    const resume = resumes === 'map' ? { ...this.seen } : 'stored';
    this.askedAt = this.options.clock.now();
    const connection = this.options.connect(this, { key: bot, resume });
    if (connection === undefined) {
      this.comeBackLater();
      return;
    }
    this.connection = connection;
    // It may come back before it learns that its old connection was lost.
    this.greeted = false;
    connection.client = {
      receive: (frame) => this.receive(frame, connection),
      // A connection that closes late must not be mistaken for the one that came after it.
      closed: () => this.connection === connection && this.lost(),
    };
  }

  private lost(): void {
    this.greeted = false;
    this.connection = undefined;
    this.comeBackLater();
  }

  private comeBackLater(): void {
    this.options.clock.after(this.options.random.between(20, 300), () => {
      if (!this.away && this.connection === undefined) this.open();
    });
  }

  private receive({ event, payload, acknowledge }: Frame, connection: SimulatedConnection): void {
    switch (event) {
      case 'ready':
        this.greet(payload as { channels: { channel: string; cursor: number }[] }, connection);
        return;
      case 'message':
        this.take(payload as Message);
        return;
      case 'backlog':
        this.takeBacklog(payload as { channel: string; messages: Message[] }, connection, acknowledge!);
        return;
      case 'caughtup':
        this.steps.push({ type: 'caughtup', ...(payload as { channel: string; seq: number }) });
        return;
      case 'truncated':
        this.passOver(payload as { channel: string; from: number; to: number });
        return;
      case 'skipped':
      case 'refused':
        this.steps.push({ type: 'offended', by: `${event} ${JSON.stringify(payload)}` });
    }
  }

  private greet(
    { channels }: { channels: { channel: string; cursor: number }[] },
    connection: SimulatedConnection,
  ): void {
    const cursors = Object.fromEntries(channels.map(({ channel, cursor }) => [channel, cursor]));
    this.steps.push({ type: 'connected', cursors, askedAt: this.askedAt });
    this.greeted = true;
    for (const post of this.unanswered.values()) this.transmit(post);
    if (this.options.resumes === 'stored') this.acknowledgeEverSoOften(connection);
  }

  private takeBacklog(
    { channel, messages }: { channel: string; messages: Message[] },
    connection: SimulatedConnection,
    acknowledge: () => void,
  ): void {
    for (const message of messages) this.take(message);
    const seq = this.seen[channel]!;
    this.options.clock.after(this.options.random.between(0, 20), () => {
      if (this.connection !== connection) return;
      this.steps.push({ type: 'acknowledging', channel, seq });
      connection.answer(acknowledge);
    });
  }

  private take({ channel, seq, id, bot, body }: Message): void {
    this.steps.push({ type: 'received', channel, seq, id, from: bot, body });
    this.seen[channel] = Math.max(seq, this.seen[channel]!);
  }

  private passOver({ channel, from, to }: { channel: string; from: number; to: number }): void {
    this.steps.push({ type: 'truncated', channel, from, to, at: this.options.clock.now() });
    this.seen[channel] = Math.max(to, this.seen[channel]!);
  }

  private acknowledgeEverSoOften(connection: SimulatedConnection): void {
    this.options.clock.after(ACK_EVERY_MS, () => {
      if (this.connection !== connection) return;
      const upTo = Object.entries(this.seen).filter(([, seq]) => seq >= 0);
      const record = (type: 'acknowledging' | 'acknowledged'): void => {
        for (const [channel, seq] of upTo) this.steps.push({ type, channel, seq });
      };
      record('acknowledging');
      connection.request('ack', Object.fromEntries(upTo), (reply) => {
        if (this.connection !== connection) return;
        if ((reply as Reply).ok) record('acknowledged');
        this.acknowledgeEverSoOften(connection);
      });
    });
  }

  private submit(post: Post): void {
    this.unanswered.set(post.id, post);
    this.transmit(post);
  }

  private transmit(post: Post): void {
    const { connection } = this;
    if (!this.greeted || connection === undefined) return;
    const sentAt = Math.floor(this.options.clock.now());
    const sending = (this.sendings += 1);
    this.steps.push({ type: 'posting', sending, ...post });
    connection.request('post', post, (reply) =>
      this.answer(post, reply as Reply, { sending, sentAt }, connection),
    );
  }

  private answer(
    post: Post,
    reply: Reply,
    sent: { sending: number; sentAt: number },
    connection: SimulatedConnection,
  ): void {
    if (reply.ok) {
      const { id, channel, seq, duplicate = false } = reply;
      this.steps.push({ type: 'answered', id, channel, seq, at: Date.parse(reply.at), duplicate, ...sent });
      if (this.unanswered.delete(id)) this.answered.push(post);
    } else if (reply.error.retryable) {
      this.steps.push({ type: 'put-off', sending: sent.sending, id: post.id, code: reply.error.code });
      this.options.clock.after(200, () => {
        if (this.connection === connection) this.transmit(post);
      });
    } else {
      this.steps.push({ type: 'offended', by: `post ${post.id}: ${reply.error.code}` });
    }
  }
}

/** Returns a UUIDv7 of this time (RFC 9562, section 5.7). */
const uuidv7 = (at: number, random: Random): string => {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random.next() * 16).toString(16)).join('');
  const time = Math.floor(at).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
};
