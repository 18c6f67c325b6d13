import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { RoleProcess } from '#tools/harness/processes/role-process.js';
import { environmentFor } from '#tools/harness/system/home.js';
import { TestPostgresServer } from '#tools/harness/system/postgres-server.js';
import { verbatimCommand } from '#tools/harness/system/verbatim.js';
import { freePort } from '#libs/platform/free-port.js';
import type { Stores } from './trial-place.js';

export type OwnStores = Stores & Readonly<{ remove(): Promise<void> }>;

const PASSWORD = 'on-store';

/**
 * Starts the embedded stores for a trial that was given none. The event store has TLS and a password, as in production.
 */
export const startOwnStores = async (): Promise<OwnStores> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-own-stores-'));
  const postgres = await TestPostgresServer.start();
  const { process, url } = await startEventStore(folder);
  return {
    eventStoreUrl: url,
    postgresUrl: postgres.url,
    remove: async () => {
      await process.kill();
      await postgres.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const startEventStore = async (folder: string): Promise<{ process: RoleProcess; url: string }> => {
  const port = await freePort();
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const names = [{ name: 'commonName', value: 'localhost' }];
  const { cert, private: key } = await generate(names, { keySize: 2048, algorithm: 'sha256' });
  const certificate = await file('store.crt', cert);
  const args = ['event-store', '--data', join(folder, 'log'), '--port', String(port)];
  const secure = ['--tls-certificate', certificate, '--tls-key', await file('store.key', key)];
  const user = ['--user', 'verbatim', '--password-file', await file('password', PASSWORD)];
  const process = new RoleProcess({
    name: 'event store',
    command: verbatimCommand([...args, ...secure, ...user]),
    env: environmentFor({ dataDir: folder, port }),
    isReady: (running) => running.output().includes('"ready":true'),
  });
  await process.start();
  const query = `tls=true&tlsCAFile=${encodeURIComponent(certificate)}`;
  return { process, url: `esdb://verbatim:${PASSWORD}@localhost:${port}?${query}` };
};
