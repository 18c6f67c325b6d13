import { randomInt } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';

/**
 * Below the ports that systems hand out by themselves (from 32768 on Linux, 49152 elsewhere): one of those may become
 * the near end of any connection while whoever listened on it is started again.
 */
const OURS = { from: 15_000, to: 32_000 } as const;
const TRIES = 20;

/** A loopback port that nobody listens on at this moment; it may be taken before it is used. */
export const freePort = async (): Promise<number> => {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = await listenOnce(randomInt(OURS.from, OURS.to)).catch(() => undefined);
    if (port !== undefined) return port;
  }
  return listenOnce(0);
};

/** Listens and closes; 0 is any port the system gives. @returns the port */
const listenOnce = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
