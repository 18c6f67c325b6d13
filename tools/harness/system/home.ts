import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/platform/free-port.js';
import { givenStoreEnvironment } from '../store/store-command.js';

/** The data folder and port that an instance keeps across restarts. */
export type Home = Readonly<{ dataDir: string; port: number; remove(): Promise<void> }>;

/** Makes a home: a data folder that does not exist yet, in a new temporary folder, and a port that is free now. */
export const makeHome = async (): Promise<Home> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-'));
  // Engines that must not run as root need access to their own folders.
  await chmod(folder, 0o755);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return { dataDir: join(folder, 'data'), port: await freePort(), remove };
};

/** Returns the environment of a process under test: ours without VERBATIM_ settings, plus the store given to the tests. */
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
