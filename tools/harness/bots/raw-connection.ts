import { Manager } from 'socket.io-client';
import { waitFor } from '../wait-for.js';

type Frame = string | Uint8Array;
/** The parts of the client's engine that are used here; the types of `socket.io-client` hide them. */
type Engine = Readonly<{
  transport: { ws: { send(frame: Frame): void; pause(): void; resume(): void } };
  on(event: 'data', listener: (data: unknown) => void): void;
  on(event: 'close', listener: () => void): void;
  off(event: 'data'): void;
  close(): void;
}>;

/** A WebSocket to Socket.IO on which frames, valid or not, are written by hand. It records what arrives and never reacts. */
export class RawConnection {
  /** Everything received, without Engine.IO's own packets. */
  readonly received: string[] = [];
  private isClosed = false;

  private constructor(private readonly engine: Engine) {
    engine.off('data'); // otherwise the client would end the connection over packets it does not expect
    engine.on('data', (data) => this.received.push(String(data)));
    engine.on('close', () => (this.isClosed = true));
  }

  /** Opens the transport without entering a namespace. */
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

  /** Waits for a packet with this beginning. @returns the packet, or undefined if the connection ended first */
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

  /** Stops reading, so that data stays in the network. @returns a function that resumes reading */
  pause(): () => void {
    const { ws } = this.engine.transport;
    ws.pause();
    return () => ws.resume();
  }

  close(): void {
    this.engine.close();
  }
}
