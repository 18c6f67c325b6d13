import { unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:tls';
import { Boundary } from '../faults/boundary.js';
import type { Logger } from '../logging/logger.js';
import { readTlsPair } from '../tls/tls-pair.js';
import type { TlsFiles } from '../tls/tls-pair.js';

const RENEWAL = new Boundary('tls.renewal');

/**
 * Milliseconds between two checks of the files. Time and size are compared and links followed, which works on every
 * file system.
 */
const LOOK_MS = 2_000;

/** TLS options that every certificate is served with. */
export const TLS_OPTIONS = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const;

/**
 * Serves the new contents of the files from the next handshake on, whenever they change; open connections stay. When a
 * new pair is unusable, or only one half of it is written yet, that is logged and the previous pair stays in use.
 */
export const renewTls = (server: Server, files: TlsFiles, logger: Logger): void => {
  const names = [...new Set([files.cert, files.key])];
  const look = RENEWAL.guard(() => {
    try {
      server.setSecureContext({ ...readTlsPair(files), minVersion: TLS_OPTIONS.minVersion });
      logger.info({ component: 'tls' }, 'A new certificate is served');
    } catch (err) {
      logger.error(
        { component: 'tls', err },
        'The new certificate can’t be used; the previous one is still served',
      );
    }
  });
  for (const name of names) watchFile(name, { interval: LOOK_MS, persistent: false }, look);
  const stop = (): void => names.forEach((name) => unwatchFile(name, look));
  server.once('close', RENEWAL.guard(stop));
};
