import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where an instance lives over its restarts. */
export type Home = Readonly<{ dataDir: string; port: number; remove(): Promise<void> }>;

/** A data folder that does not exist yet, in a temporary folder, and a port that is free now. */
export const makeHome = async (): Promise<Home> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-'));
  // Engines that may not run as root must get through to what is theirs.
  await chmod(folder, 0o755);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return { dataDir: join(folder, 'data'), port: await freePort(), remove };
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** The environment of a process under test: ours, less settings of whoever runs the tests. */
export const environmentFor = (
  home: Pick<Home, 'dataDir' | 'port'>,
  env: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VERBATIM_'))),
  VERBATIM_PORT: String(home.port),
  VERBATIM_DATA_DIR: home.dataDir,
  ...env,
});
