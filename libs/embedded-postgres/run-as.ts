import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnvironment } from '#libs/platform/child-environment.js';
import { EmbeddedPostgresError, OR_USE_YOUR_OWN } from './embedded-postgres.error.js';

const execute = promisify(execFile);
const run = (command: string, args: readonly string[]): Promise<{ stdout: string }> =>
  execute(command, args, { env: childEnvironment(), encoding: 'utf8' });

/**
 * Says how to start PostgreSQL's programs: words to put before the command, and the owner that the files must
 * have.
 */
export type RunAs = Readonly<{ prefix: readonly string[]; owner?: Readonly<{ uid: number; gid: number }> }>;

const SYSTEM_USER = 'postgres';

/**
 * Capabilities to try, from none to more: reading past closed folders and, where the container does not grant
 * that, also writing past them.
 */
const CAPABILITIES: readonly (readonly string[])[] = [[], ['dac_read_search'], ['dac_override']];

/**
 * Chooses the user that runs PostgreSQL, because PostgreSQL refuses to run as root. When root starts it, its
 * programs run as the owner of an existing cluster, else as the system user `postgres` (created if missing),
 * else as `nobody`. That user often cannot reach a folder below `/root`, or one that root created with mode
 * 0700. It then gets the one capability that lets it through, and only then.
 *
 * @throws EmbeddedPostgresError when no way works
 */
export const chooseRunAs = async (options: {
  binary: string;
  folder: string;
  existingOwner: { uid: number; gid: number } | undefined;
}): Promise<RunAs> => {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const { existingOwner, binary, folder } = options;
  const owner = existingOwner !== undefined && existingOwner.uid !== 0 ? existingOwner : await systemUser();
  for (const capabilities of CAPABILITIES) {
    const prefix = setpriv(owner, capabilities);
    if (await reaches(prefix, binary, folder)) return { prefix, owner };
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL can't run as root, and user ${owner.uid} can't reach ${folder}: start as an ordinary user, ${OR_USE_YOUR_OWN}`,
  );
};

const setpriv = (owner: { uid: number; gid: number }, capabilities: readonly string[]): string[] => {
  const granted = capabilities.map((name) => `+${name}`).join(',');
  return [
    'setpriv',
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    ...(granted === ''
      ? []
      : // Without the last argument, access(2) would ignore the capability, and PostgreSQL's programs rely on
        // access(2).
        [`--inh-caps=${granted}`, `--ambient-caps=${granted}`, '--securebits=+no_setuid_fixup']),
  ];
};

const reaches = async (prefix: readonly string[], binary: string, folder: string): Promise<boolean> => {
  const [command = 'setpriv', ...args] = prefix;
  const probe = '"$0" --version >/dev/null && cd "$1" && ls >/dev/null';
  return run(command, [...args, 'sh', '-c', probe, binary, folder]).then(
    () => true,
    () => false,
  );
};

const systemUser = async (): Promise<{ uid: number; gid: number }> => {
  const found = await lookUp(SYSTEM_USER);
  if (found !== undefined) return found;
  const made = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', SYSTEM_USER];
  await run('useradd', made).catch(() => undefined);
  const user = (await lookUp(SYSTEM_USER)) ?? (await lookUp('nobody'));
  if (user !== undefined) return user;
  throw new EmbeddedPostgresError(
    `PostgreSQL can't run as root: start as an ordinary user, ${OR_USE_YOUR_OWN}`,
  );
};

const lookUp = async (name: string): Promise<{ uid: number; gid: number } | undefined> => {
  const ask = async (flag: string): Promise<number> => Number((await run('id', [flag, name])).stdout);
  return Promise.all([ask('-u'), ask('-g')]).then(
    ([uid, gid]) => ({ uid, gid }),
    () => undefined,
  );
};
