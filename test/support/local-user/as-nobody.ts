import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a user of the machine tries. `attack.mjs` says what may come of each. */
export type Attempt =
  | Readonly<{ kind: 'call'; url: string; path: string; body: string; authorization?: string }>
  | Readonly<{ kind: 'postgres'; port: number; user: string; database: string }>
  | Readonly<{ kind: 'file' | 'show'; path: string }>;

export type Result = Readonly<{ outcome: string; bytes?: number }>;

const ATTACK = fileURLToPath(new URL('./attack.mjs', import.meta.url));
const AS_NOBODY = ['--reuid=nobody', '--regid=nogroup', '--clear-groups'];

/**
 * Tries all attempts as `nobody`, who is in no group and has no capability. Needs root and Debian's util-linux.
 * @throws Error with what the attack printed, when it could not be made
 */
export const tryAsNobody = async (attempts: readonly Attempt[]): Promise<Result[]> => {
  if (process.getuid?.() !== 0) throw new Error('Only root can become another user: run this suite as root');
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-nobody-'));
  try {
    await chmod(folder, 0o755);
    // The project, and Node itself, may lie in folders that only their owner can enter.
    const [attack, node] = [join(folder, 'attack.mjs'), join(folder, 'node')];
    await Promise.all([copyFile(ATTACK, attack), copyFile(process.execPath, node)]);
    await Promise.all([chmod(attack, 0o644), chmod(node, 0o755)]);
    const child = spawn('setpriv', [...AS_NOBODY, node, attack], { cwd: folder, env: {} });
    child.stdin.end(JSON.stringify(attempts));
    const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (said === '') throw new Error(`The attack could not be made: ${complained}`);
    const { user, groups, results } = JSON.parse(said) as {
      user: number;
      groups: number[];
      results: Result[];
    };
    if (user === 0 || groups.includes(0)) throw new Error('The attack was made as root');
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
};
