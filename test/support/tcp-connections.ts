import { readFile } from 'node:fs/promises';

/** As Linux numbers it in `/proc/net/tcp`. */
const ESTABLISHED = '01';
const CLOSE_WAIT = '08';

/**
 * The far ends of the TCP connections that a server on this machine holds open at one of its ports, by their own ports. One that the server has
 * closed is not among them, whether its peer knows or not. Linux only.
 */
export const heldOpenAt = async (port: number): Promise<ReadonlySet<number>> => {
  const [, ...lines] = (await readFile('/proc/net/tcp', 'utf8')).trim().split('\n');
  const open = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, , state]) => portIn(local!) === port && (state === ESTABLISHED || state === CLOSE_WAIT),
    );
  return new Set(open.map(([, , remote]) => portIn(remote!)));
};

/** Written as `0100007F:1F90`. */
const portIn = (address: string): number => Number.parseInt(address.split(':')[1]!, 16);
