import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

type Seen = Readonly<{ channel: string; seq: number }>;

/** A bot in one channel that counts what it is given and what of it is wrong. */
export class FlowBot {
  readonly socket: Socket;
  /** Last seq it has. */
  seen: number;
  received = 0;
  wrong = 0;
  notices: string[] = [];

  /** @param seen where delivery begins: after this seq, or at the head if it is not said */
  constructor(
    url: string,
    key: string,
    private readonly channel: string,
    options: Readonly<{ consumer?: string; seen?: number }> = {},
  ) {
    this.seen = options.seen ?? Number.NaN;
    this.socket = io(`${url}/bots`, {
      auth: (tell) =>
        tell({
          key,
          consumer: options.consumer ?? 'default',
          resume: Number.isNaN(this.seen) ? 'now' : { [channel]: this.seen },
        }),
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
    });
    this.socket.on('message', (message: Seen) => this.take(message));
    this.socket.on('backlog', ({ messages }: { messages: Seen[] }, acknowledge: () => void) => {
      for (const message of messages) this.take(message);
      acknowledge();
    });
    this.socket.on('notice', ({ code }: { code: string }) => this.notices.push(code));
    this.socket.on('caughtup', ({ seq }: Seen) => {
      if (Number.isNaN(this.seen)) this.seen = seq;
    });
  }

  /** Connects; resolves when it is level. */
  async come(): Promise<void> {
    const caughtUp = new Promise<void>((resolve, reject) => {
      this.socket.once('caughtup', () => resolve());
      this.socket.once('connect_error', reject);
    });
    this.socket.connect();
    await caughtUp;
  }

  /** As a network fails: without a goodbye. */
  cut(): void {
    this.webSocket.terminate();
  }

  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.webSocket.resume();
  }

  private take({ channel, seq }: Seen): void {
    if (channel !== this.channel) return;
    this.received += 1;
    if (!Number.isNaN(this.seen) && seq !== this.seen + 1) this.wrong += 1;
    this.seen = seq;
  }

  private get webSocket(): { terminate(): void; pause(): void; resume(): void } {
    const { transport } = this.socket.io.engine as unknown as { transport: { ws: FlowBot['webSocket'] } };
    return transport.ws;
  }
}
