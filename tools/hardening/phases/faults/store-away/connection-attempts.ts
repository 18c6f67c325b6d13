import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { waitFor } from '#tools/harness/wait-for.js';

/** Stands in for a server that is away: resets every connection and records when each came. */
export class ConnectionAttempts {
  /** Times of the attempts, from `performance.now()`. */
  readonly at: number[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.at.push(performance.now());
      socket.on('error', () => undefined); // the other end reset it
      socket.resetAndDestroy();
    });
  }

  /**
   * Starts to count at a port. Waits for the port, because threads of a killed process that wait for the disk may hold it a
   * moment longer.
   * @throws Error when the port is still taken after some seconds
   */
  static async countAt(port: number): Promise<ConnectionAttempts> {
    const server = createServer();
    const attempts = new ConnectionAttempts(server);
    const listening = (): Promise<boolean> =>
      once(server.listen(port, '127.0.0.1'), 'listening').then(
        () => true,
        () => false,
      );
    await waitFor(`port ${port} to be free`, listening, 5_000, 100);
    return attempts;
  }

  /** Stops counting. The port is free again when this resolves. */
  async stopAttempts(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}
