import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

type Seen = Readonly<{ channel: string; seq: number }>;

/** A bot that counts what it is given in its channels and what of it is wrong. It comes back where it was. */
export class FlowBot {
  readonly socket: Socket;
  /** By channel, the last seq it has. */
  readonly seen = new Map<string, number>();
  received = 0;
  wrong = 0;
  notices: string[] = [];

  constructor(
    url: string,
    key: string,
    private readonly channels: readonly string[],
    consumer = 'default',
  ) {
    this.socket = io(`${url}/bots`, {
      auth: (tell) =>
        tell({ key, consumer, resume: this.seen.size === 0 ? 'now' : Object.fromEntries(this.seen) }),
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
    this.socket.on('caughtup', ({ channel, seq }: Seen) => {
      if (!this.seen.has(channel)) this.seen.set(channel, seq);
    });
  }

  /** Connects; resolves when it is level in all channels. */
  async come(): Promise<void> {
    const behind = new Set(this.channels);
    const level = new Promise<void>((resolve, reject) => {
      const note = ({ channel }: Seen): void => {
        behind.delete(channel);
        if (behind.size > 0) return;
        this.socket.off('caughtup', note);
        resolve();
      };
      this.socket.on('caughtup', note);
      this.socket.once('connect_error', reject);
    });
    this.socket.connect();
    await level;
  }

  /** As a network fails: without a goodbye. */
  cut(): void {
    this.webSocket.terminate();
  }

  /** Reads nothing more. @returns what makes it read on, if its connection has lasted */
  pause(): () => void {
    const { webSocket } = this;
    webSocket.pause();
    return () => webSocket.resume();
  }

  private take({ channel, seq }: Seen): void {
    const last = this.seen.get(channel);
    this.received += 1;
    if (last !== undefined && seq !== last + 1) this.wrong += 1;
    this.seen.set(channel, seq);
  }

  private get webSocket(): { terminate(): void; pause(): void; resume(): void } {
    const { transport } = this.socket.io.engine as unknown as { transport: { ws: FlowBot['webSocket'] } };
    return transport.ws;
  }
}
