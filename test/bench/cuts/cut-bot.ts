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
  /** Servers in turn: it comes back at the next one. */
  urls: readonly string[];
  auth: Readonly<Record<string, unknown>>;
}>;

/**
 * A bot that loses its connection and comes back elsewhere, as its author would write it: it says where it was if it was
 * ever told (Verbatim's `seq`), and leaves the rest to Socket.IO.
 */
export class CutBot {
  recovered = 0;
  /** Posts that are to be answered on the connection there is: a cut takes those before it along. */
  unanswered = 0;
  private readonly socket: Socket;
  /** Undefined until it was told where it stands; -1 in an empty channel. */
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

  /** And greeted: before that it does not know where it stands. */
  get connected(): boolean {
    return this.greeted && this.socket.connected;
  }

  connect(): void {
    this.socket.connect();
  }

  /** The connection ends as a network ends it; after so long it is made anew, at the next server. */
  cut(forMs: number): void {
    const { transport } = this.socket.io.engine as unknown as { transport: { ws: { terminate(): void } } };
    transport.ws.terminate();
    setTimeout(() => {
      (this.socket.io as unknown as { uri: string }).uri = this.nextUrl();
      this.socket.connect();
    }, forMs);
  }

  /** Posts once; whether it arrived is known only from an answer. */
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
