import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVerbatim } from '#test/support/verbatim.js';
import type { Verbatim } from '#test/support/verbatim.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

let clone: string;
let verbatim: Verbatim;
let readme: string;

beforeAll(async () => {
  readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  clone = await mkdtemp(join(tmpdir(), 'verbatim-tour-'));
  for (const part of ['package.json', 'examples', 'dist']) {
    await cp(join(ROOT, part), join(clone, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  verbatim = await startVerbatim();
  await symlink(verbatim.home.dataDir, join(clone, '.verbatim'));
});

afterAll(async () => {
  await verbatim?.remove();
  await rm(clone, { recursive: true, force: true });
});

/** The tour's commands, one script, as a reader would paste them one after the other. */
const tourOf = (text: string, url: string): string =>
  [...text.matchAll(/<!-- tour -->\n```sh\n([\s\S]*?)```/g)]
    .map(([, commands]) => commands)
    .join('')
    .replaceAll('http://127.0.0.1:8000', url);

describe('the README', () => {
  it('shows what the tour says: two bots, a cut, exactly what was missed, the read model', async () => {
    const { PORT: _port, ...env } = process.env;
    const { stdout } = await run('bash', ['-eu', '-c', tourOf(readme, verbatim.url)], {
      cwd: clone,
      env: { ...env, URL: verbatim.url, VERBATIM_URL: verbatim.url },
      timeout: 60_000,
    });
    const shown = /```\n(#1 alice: [\s\S]*?)```/.exec(readme)![1]!;
    expect(stdout).toContain('stored as #0\nstored as #1\nstored as #2\n');
    expect(stdout).toContain(shown);
    expect(stdout).toMatch(/"body":"hello bob"/);
  }, 90_000);

  it.each(['bot.mjs', 'bot.py'])('prints examples/%s as it is', async (name) => {
    expect(readme).toContain(await readFile(join(ROOT, 'examples', name), 'utf8'));
  });
});
