import { randomInt } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';

/**
 * Ports below those that systems assign by themselves (from 32768 on Linux, from 49152 elsewhere). An assigned port may
 * become the near end of any connection while its listener is being restarted.
 */
const OURS = { from: 15_000, to: 32_000 } as const;
const TRIES = 20;

/** Returns a loopback port that nobody listens on at this moment. Somebody else may take it before it is used. */
export const freePort = async (): Promise<number> => {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = await listenOnce(randomInt(OURS.from, OURS.to)).catch(() => undefined);
    if (port !== undefined) return port;
  }
  return listenOnce(0);
};

/** Listens and closes at once; 0 asks the system for any free port. @returns the port */
const listenOnce = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
