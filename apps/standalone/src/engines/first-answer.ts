import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { TlsFiles } from '#libs/event-store/connection/cluster-members.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

export type Place = Readonly<{ host: string; port: number }>;

/** The first thing that the other side of a new connection does. */
export type FirstAnswer =
  | Readonly<{ kind: 'bytes'; bytes: Buffer }>
  | Readonly<{ kind: 'closed' }>
  | Readonly<{ kind: 'silent' }>
  | Readonly<{ kind: 'error'; error: NodeJS.ErrnoException }>;

/**
 * How to encrypt a connection. `trusting` accepts any certificate, to learn whether the peer uses TLS at all;
 * nothing but the hello is sent.
 */
export type Encryption = TlsFiles | 'trusting' | undefined;

/** How many bytes suffice to tell the possible protocols apart. */
const ENOUGH = 5;
/** Milliseconds to wait for the rest of a short answer. */
const REST_MS = 200;

/**
 * Connects, sends the hello, and returns the first bytes of the answer. The connection is then closed. Never
 * rejects.
 */
export const firstAnswer = (
  place: Place,
  hello: Buffer,
  encryption: Encryption,
  timeoutMs: number,
): Promise<FirstAnswer> =>
  new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const socket = open(place, encryption);
    const settle = (answer: FirstAnswer): void => {
      cancel();
      socket.destroy();
      resolve(answer);
    };
    const settleWithBytes = (otherwise: FirstAnswer): void =>
      settle(bytes.length > 0 ? { kind: 'bytes', bytes } : otherwise);
    const cancel = SYSTEM_CLOCK.after(timeoutMs, () => settleWithBytes({ kind: 'silent' }));
    socket.once(encryption === undefined ? 'connect' : 'secureConnect', () => socket.write(hello));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= ENOUGH) settleWithBytes({ kind: 'closed' });
      else SYSTEM_CLOCK.after(REST_MS, () => settleWithBytes({ kind: 'closed' }));
    });
    socket.on('error', (error) => settleWithBytes({ kind: 'error', error }));
    socket.on('close', () => settleWithBytes({ kind: 'closed' }));
  });

const open = ({ host, port }: Place, encryption: Encryption): Socket => {
  if (encryption === undefined) return connectPlain({ host, port });
  return connectSecure({
    host,
    port,
    ALPNProtocols: ['h2'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(encryption === 'trusting' ? { rejectUnauthorized: false } : encryption),
  });
};
