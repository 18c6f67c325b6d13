import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnvironment } from '#libs/platform/child-environment.js';
import { EmbeddedPostgresError, OR_USE_YOUR_OWN } from './embedded-postgres.error.js';

const execute = promisify(execFile);
const run = (command: string, args: readonly string[]): Promise<{ stdout: string }> =>
  execute(command, args, { env: childEnvironment(), encoding: 'utf8' });

/** How to start PostgreSQL's programs: words to put before the command, and who must own the files. */
export type RunAs = Readonly<{ prefix: readonly string[]; owner?: Readonly<{ uid: number; gid: number }> }>;

const SYSTEM_USER = 'postgres';

/** From no privilege to more: read past closed folders, and where the container does not give that, write past them. */
const CAPABILITIES: readonly (readonly string[])[] = [[], ['dac_read_search'], ['dac_override']];

/**
 * PostgreSQL refuses to run as root. Started by root, its programs run as the owner of an existing cluster, else as
 * the system user `postgres` (made if missing), else as `nobody`. That user often can't reach a folder below `/root` or
 * one that root made with mode 0700, so it gets the one capability that lets it through, if and only if it needs it.
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
      : // Without the last, access(2) would leave the capability out, and PostgreSQL's programs go by access(2).
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
