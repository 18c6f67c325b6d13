import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

/** The parts of Engine.IO's client that the bot uses. */
type Engine = Readonly<{
  transport: { ws: WebSocket };
  clearTimeoutFn(timer: unknown): void;
  _pingTimeoutTimer: unknown;
}>;
type WebSocket = Readonly<{ send(packet: string): void; terminate(): void; pause(): void; resume(): void }>;

/**
 * The answer to a heartbeat in Engine.IO's protocol, and how often it is sent, so that the gateway never has to ask.
 */
const PONG = '3';
const PONG_MS = 5_000;

type Seen = Readonly<{ channel: string; seq: number }>;

/** A bot that counts what it receives in its channels, and what is wrong with it. It resumes where it was. */
export class FlowBot {
  readonly socket: Socket;
  /** The last seq received, by channel. */
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

  /** Connects, and resolves when the bot has caught up in all channels. */
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

  /** Cuts the connection as a network failure does, without a goodbye. */
  cut(): void {
    this.engine.transport.ws.terminate();
  }

  /**
   * Stops reading, but sends heartbeat answers unasked. A bot that did not would be cut off after 18 seconds and cost
   * nothing from then on.
   * @returns a function that makes it read again
   */
  pause(): () => void {
    const { engine } = this;
    const { transport, _pingTimeoutTimer: patience } = engine;
    const { ws } = transport;
    ws.pause();
    // A paused bot does not see the gateway's heartbeats either, so it must not give up for lack of them.
    engine.clearTimeoutFn(patience);
    const pongs = setInterval(() => ws.send(PONG), PONG_MS);
    return () => {
      clearInterval(pongs);
      ws.resume();
    };
  }

  private take({ channel, seq }: Seen): void {
    const last = this.seen.get(channel);
    this.received += 1;
    if (last !== undefined && seq !== last + 1) this.wrong += 1;
    this.seen.set(channel, seq);
  }

  private get engine(): Engine {
    return this.socket.io.engine as unknown as Engine;
  }
}
