import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Stands in for a server that is away: turns everybody away, and writes down when somebody came. */
export class ConnectionAttempts {
  /** As of `performance.now()`. */
  readonly at: number[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.at.push(performance.now());
      socket.on('error', () => undefined); // it was reset from the other end
      socket.resetAndDestroy();
    });
  }

  /** @throws Error when the port is still taken */
  static async countAt(port: number): Promise<ConnectionAttempts> {
    const server = createServer();
    const attempts = new ConnectionAttempts(server);
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return attempts;
  }

  /** The port is free again when this resolves. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}
