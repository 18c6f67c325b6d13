import { Manager } from 'socket.io-client';
import { waitFor } from '../wait-for.js';

type Frame = string | Uint8Array;
/** As parts of `socket.io-client` have it; its types keep them to themselves. */
type Engine = Readonly<{
  transport: { ws: { send(frame: Frame): void; pause(): void; resume(): void } };
  on(event: 'data', listener: (data: unknown) => void): void;
  on(event: 'close', listener: () => void): void;
  off(event: 'data'): void;
  close(): void;
}>;

/** A WebSocket to Socket.IO on which frames are written by hand, right ones and wrong ones. It only reads what comes. */
export class RawConnection {
  /** What came, less Engine.IO's own packets. */
  readonly received: string[] = [];
  private isClosed = false;

  private constructor(private readonly engine: Engine) {
    engine.off('data'); // the client's own reading, which would end the connection over what it does not expect
    engine.on('data', (data) => this.received.push(String(data)));
    engine.on('close', () => (this.isClosed = true));
  }

  /** Opens the transport; no namespace is entered. */
  static async open(url: string): Promise<RawConnection> {
    const manager = new Manager(url, {
      autoConnect: false,
      reconnection: false,
      transports: ['websocket'],
    });
    await new Promise<void>((resolve, reject) => {
      manager.open((error) => (error ? reject(error) : resolve()));
    });
    return new RawConnection(manager.engine as unknown as Engine);
  }

  get closed(): boolean {
    return this.isClosed;
  }

  send(...frames: readonly Frame[]): void {
    for (const frame of frames) this.engine.transport.ws.send(frame);
  }

  /** Waits for something that begins so. @returns it, or undefined if the connection ended first */
  async until(beginning: string, timeoutMs = 10_000): Promise<string | undefined> {
    const found = await waitFor(
      `${beginning}… or the end`,
      () => {
        const packet = this.received.find((one) => one.startsWith(beginning));
        return packet ?? (this.isClosed ? 'closed' : undefined);
      },
      timeoutMs,
      5,
    );
    return found === 'closed' ? undefined : found;
  }

  /** Stops reading, so that what comes stays in the network. @returns what reads on */
  pause(): () => void {
    const { ws } = this.engine.transport;
    ws.pause();
    return () => ws.resume();
  }

  close(): void {
    this.engine.close();
  }
}
