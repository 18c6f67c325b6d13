import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import type { WireError } from '#libs/protocol/errors.js';
import type { Message } from '#libs/protocol/message.js';
import { learnKey } from '../secrets/told-secrets.js';
import { waitFor } from '../wait-for.js';

export type Auth = Readonly<{ key?: unknown; consumer?: unknown; resume?: unknown; backlog?: unknown }> &
  object;
export type Reply = Readonly<{ ok: boolean; error?: WireError; [field: string]: unknown }>;
export type Ready = Readonly<{
  bot: string;
  connection: string;
  version: string;
  channels: readonly { channel: string; cursor: number; head: number }[];
  limits: Record<string, number>;
}>;
export type Received = Readonly<{ event: string; payload: Record<string, unknown> }>;

type Options = Readonly<{
  /** By default each batch of backlog is acknowledged at once. */
  acknowledge?: boolean;
  /** By default the bot does not reconnect by itself, so that the test decides when it does. */
  reconnection?: boolean;
  /** Default: WebSocket only. */
  transports?: ('polling' | 'websocket')[];
}>;

/** A refused handshake, with the server's error. */
export class Refused extends Error {
  constructor(
    readonly error: WireError | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** A plain Socket.IO client that remembers everything it received, in the order of arrival. */
export class TestBot {
  readonly received: Received[] = [];
  /** Acknowledgements still due for batches of backlog, if the bot does not acknowledge by itself. */
  readonly owed: (() => void)[] = [];

  private readonly newest = new Map<string, number>();

  private constructor(
    readonly socket: Socket,
    options: Options,
  ) {
    socket.onAny((event: string, payload: Record<string, unknown>, ...rest: unknown[]) => {
      this.received.push({ event, payload });
      this.note(event, payload);
      const acknowledge = rest.at(-1);
      if (typeof acknowledge !== 'function') return;
      if (options.acknowledge === false) this.owed.push(acknowledge as () => void);
      else (acknowledge as () => void)();
    });
  }

  /** Connects and waits for `ready`. @throws Refused */
  static async connect(url: string, auth: Auth, options: Options = {}): Promise<TestBot> {
    learnKey(auth.key);
    const socket = io(`${url}/bots`, {
      auth: auth as Record<string, unknown>,
      transports: options.transports ?? ['websocket'],
      reconnection: options.reconnection ?? false,
      forceNew: true,
    });
    const bot = new TestBot(socket, options);
    let refusal: (Error & { data?: WireError }) | undefined;
    socket.on('connect_error', (error) => (refusal = error));
    await waitFor(
      'ready',
      () => {
        if (refusal !== undefined) throw new Refused(refusal.data, refusal.message);
        return bot.received.some(({ event }) => event === 'ready');
      },
      10_000,
      5,
    );
    return bot;
  }

  get ready(): Ready {
    return this.all('ready')[0] as unknown as Ready;
  }

  /** Returns the messages of a channel in the order of arrival, backlog and live. */
  messages(channel: string): Message[] {
    return this.received
      .flatMap(({ event, payload }) => {
        if (event === 'message') return [payload as unknown as Message];
        return event === 'backlog' ? (payload['messages'] as Message[]) : [];
      })
      .filter((message) => message.channel === channel);
  }

  seqs(channel: string): number[] {
    return this.messages(channel).map(({ seq }) => seq);
  }

  /** Returns the newest seq it has of a channel, -1 for none. Cheap even with many messages. */
  lastSeq(channel: string): number {
    return this.newest.get(channel) ?? -1;
  }

  /** Returns the payloads of one event, in order. */
  all(event: string): Record<string, unknown>[] {
    return this.received.filter((one) => one.event === event).map(({ payload }) => payload);
  }

  /** Makes a request and waits for the answer. */
  async request(event: string, ...args: unknown[]): Promise<Reply> {
    return (await this.socket.timeout(10_000).emitWithAck(event, ...args)) as Reply;
  }

  /** Makes a request that must be answered `ok`. @throws Error if it is not */
  async must(event: string, ...args: unknown[]): Promise<Reply> {
    const reply = await this.request(event, ...args);
    if (!reply.ok) throw new Error(`${event}: ${JSON.stringify(reply.error)}`);
    return reply;
  }

  /** Posts under a new UUIDv7 and returns the seq. */
  async say(channel: string, body: string): Promise<number> {
    return (await this.must('post', { id: uuidv7(), channel, body }))['seq'] as number;
  }

  /** Waits until it has a message of this seq in a channel. */
  async untilSeq(channel: string, seq: number, timeoutMs = 10_000): Promise<void> {
    await waitFor(`seq ${seq} of ${channel}`, () => this.seqs(channel).includes(seq), timeoutMs, 5);
  }

  async until(event: string, timeoutMs = 10_000): Promise<Record<string, unknown>> {
    return waitFor(event, () => this.all(event).at(-1), timeoutMs, 5);
  }

  async untilCaughtUp(channel: string, timeoutMs = 10_000): Promise<void> {
    const caughtUp = (): boolean => this.all('caughtup').some((payload) => payload['channel'] === channel);
    await waitFor(`caughtup of ${channel}`, caughtUp, timeoutMs, 5);
  }

  async untilDisconnected(timeoutMs = 10_000): Promise<void> {
    await waitFor('the connection to end', () => !this.socket.connected, timeoutMs, 5);
  }

  /** Drops the connection as a failing network would: neither protocol says goodbye. */
  cut(): void {
    this.webSocket.terminate();
  }

  /** Stops reading from the network until {@link resume}. */
  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.webSocket.resume();
  }

  close(): void {
    this.socket.disconnect();
  }

  private get webSocket(): { terminate(): void; pause(): void; resume(): void } {
    const { transport } = this.socket.io.engine as unknown as { transport: { ws: TestBot['webSocket'] } };
    return transport.ws;
  }

  private note(event: string, payload: Record<string, unknown>): void {
    const messages =
      event === 'backlog' ? (payload['messages'] as Message[]) : [payload as unknown as Message];
    if (event === 'message' || event === 'backlog')
      for (const { channel, seq } of messages) this.newest.set(channel, seq);
  }
}
