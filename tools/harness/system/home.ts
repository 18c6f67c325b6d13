import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/platform/free-port.js';
import { givenStoreEnvironment } from '../store/store-command.js';

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

/** The environment of a process under test: ours, less settings of whoever runs the tests, but with the store they are given. */
export const environmentFor = (
  home: Pick<Home, 'dataDir' | 'port'>,
  env: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VERBATIM_'))),
  VERBATIM_PORT: String(home.port),
  VERBATIM_DATA_DIR: home.dataDir,
  ...env,
  ...givenStoreEnvironment(env['NODE_OPTIONS'] ?? process.env['NODE_OPTIONS']),
});
