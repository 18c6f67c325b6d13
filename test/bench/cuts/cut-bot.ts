import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import type { Deliveries } from './deliveries.js';

type Message = Readonly<{ channel: string; seq?: number; data: { n: number } }>;
type Ready = Readonly<{ recovered?: boolean; channels?: { cursor: number }[] }>;
type Reply = Readonly<{ ok: boolean; error?: { code: string } }>;

export type CutBotOptions = Readonly<{
  index: number;
  channel: string;
  /** Server addresses. The bot reconnects to the next one each time. */
  urls: readonly string[];
  auth: Readonly<Record<string, unknown>>;
}>;

/**
 * A bot that loses its connection and reconnects elsewhere, as its author would write it. If it has a position
 * (Verbatim's `seq`), it says where it was, and leaves the rest to Socket.IO.
 */
export class CutBot {
  recovered = 0;
  /** How many posts wait for an answer on the present connection. A cut resets it. */
  unanswered = 0;
  private readonly socket: Socket;
  /** Undefined until the bot knows its position; -1 in an empty channel. */
  private seen: number | undefined;
  private greeted = false;
  private visits: number;

  constructor(
    private readonly options: CutBotOptions,
    private readonly deliveries: Deliveries,
  ) {
    this.visits = options.index;
    this.socket = io(`${this.nextUrl()}/bots`, {
      transports: ['websocket'],
      forceNew: true,
      autoConnect: false,
      reconnection: false,
      auth: (say) => say(this.auth()),
    });
    this.socket
      .on('message', (message: Message) => this.receive(message))
      .on('backlog', ({ messages }: { messages: Message[] }, acknowledge: () => void) => {
        for (const message of messages) this.receive(message);
        acknowledge();
      })
      .on('ready', ({ recovered, channels }: Ready) => {
        this.greeted = true;
        if (recovered) this.recovered += 1;
        if (channels) this.seen = channels[0]!.cursor;
      })
      .on('disconnect', () => {
        this.greeted = false;
        this.unanswered = 0;
      })
      .on('connect_error', () => setTimeout(() => this.socket.connect(), 50));
  }

  /** Whether the bot is connected and greeted. Before the greeting it does not know its position. */
  get connected(): boolean {
    return this.greeted && this.socket.connected;
  }

  connect(): void {
    this.socket.connect();
  }

  /** Ends the connection as a network failure does, and reconnects after this time to the next server. */
  cut(forMs: number): void {
    const { transport } = this.socket.io.engine as unknown as { transport: { ws: { terminate(): void } } };
    transport.ws.terminate();
    setTimeout(() => {
      (this.socket.io as unknown as { uri: string }).uri = this.nextUrl();
      this.socket.connect();
    }, forMs);
  }

  /** Posts once. Only an answer shows whether the post arrived. */
  post(n: number): void {
    const post = { id: uuidv7(), channel: this.options.channel, body: 'x'.repeat(100), data: { n } };
    this.unanswered += 1;
    this.socket.emit('post', post, ({ ok, error }: Reply) => {
      this.unanswered -= 1;
      if (ok) this.deliveries.acknowledged(this.options.channel, n);
      else this.deliveries.refused(error?.code ?? 'unknown');
    });
  }

  close(): void {
    this.socket.disconnect();
  }

  private nextUrl(): string {
    const { urls } = this.options;
    this.visits += 1;
    return urls[this.visits % urls.length]!;
  }

  private auth(): object {
    const { auth, channel } = this.options;
    return this.seen === undefined
      ? { ...auth, resume: 'now' }
      : { ...auth, resume: { [channel]: this.seen } };
  }

  private receive({ channel, seq, data }: Message): void {
    if (seq !== undefined) this.seen = seq;
    this.deliveries.received(this.options.index, channel, data.n);
  }
}
