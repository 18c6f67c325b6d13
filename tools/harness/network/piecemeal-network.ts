import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Random } from '../random.js';
import { Pieces } from './pieces.js';

/**
 * A network that loses nothing and keeps the order, but passes bytes on in pieces of its own, with pauses: one byte
 * alone, a cut at any place, or several messages at once.
 */
export class PiecemealNetwork {
  private readonly sockets = new Set<Socket>();
  /** How many pieces of one byte it has passed on, and how many that were made of several. */
  readonly counts = { single: 0, joined: 0 };

  private constructor(
    private readonly server: Server,
    private readonly random: Random,
  ) {}

  /** Accepts connections on a port of its own and passes them on to another local port. */
  static async open(to: number, random: Random): Promise<PiecemealNetwork> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const network = new PiecemealNetwork(server, random);
    server.on('connection', (client) =>
      network.link(client, connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resets all connections. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private link(client: Socket, server: Socket): void {
    this.passOn(client, server);
    this.passOn(server, client);
  }

  private passOn(from: Socket, to: Socket): void {
    this.sockets.add(from);
    const pieces = new Pieces(this.random.fork(), this.counts, (piece) => to.destroyed || to.write(piece));
    from.on('data', (bytes: Buffer) => {
      if (!pieces.add(bytes)) from.pause();
    });
    pieces.onRoom = () => void from.resume();
    to.on('drain', () => pieces.goOn());
    from.on('end', () => pieces.endWith(() => to.end()));
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      this.sockets.delete(from);
      if (from.errored !== null) to.destroy();
    });
  }
}
