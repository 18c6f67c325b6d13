import { unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:tls';
import { Boundary } from '../faults/boundary.js';
import type { Logger } from '../logging/logger.js';
import { readTlsPair } from './tls-pair.js';
import type { TlsFiles } from './tls-pair.js';

const RENEWAL = new Boundary('tls.renewal');

/** How often the files are looked at, in milliseconds. By time and size, links followed: that holds for every file system. */
const LOOK_MS = 2_000;

/** What every pair is served with. */
export const TLS_OPTIONS = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const;

/**
 * Serves what the files hold from the next handshake on, whenever they have changed; connections that stand stay. A pair that
 * can't be served, or of which only one half has been written yet, is said, and the one before goes on.
 */
export const renewTls = (server: Server, files: TlsFiles, logger: Logger): void => {
  const names = [...new Set([files.cert, files.key])];
  const look = RENEWAL.guard(() => {
    try {
      server.setSecureContext({ ...readTlsPair(files), minVersion: TLS_OPTIONS.minVersion });
      logger.info({ component: 'tls' }, 'A new certificate is served');
    } catch (err) {
      logger.error({ component: 'tls', err }, 'The new certificate can’t be served; the one before is');
    }
  });
  for (const name of names) watchFile(name, { interval: LOOK_MS, persistent: false }, look);
  const stop = (): void => names.forEach((name) => unwatchFile(name, look));
  server.once('close', RENEWAL.guard(stop));
};
