import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/**
 * The one file of the image whose name mentions hardening, which the image lacks: it says what to do without the tool.
 */
const SAYS_WHAT_IS_MISSING = /^apps\/cli\/src\/commands\/hardening\.command\.js(?:\.map)?$/;

const read = (file: string): Promise<string> => readFile(join(ROOT, file), 'utf8');

/**
 * Returns a line of `.dockerignore` as Docker reads it: `*` within a folder, `**` across folders, and everything in a
 * named folder.
 */
const asPattern = (line: string): RegExp => {
  const pattern = line
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'));
  return new RegExp(`^${pattern}(?:/.*)?$`);
};

/** Returns whether Docker can see a file. The last line that matches decides. */
const contextOf = (ignored: string): ((file: string) => boolean) => {
  const rules = ignored
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ seen: line.startsWith('!'), pattern: asPattern(line.replace(/^!/, '')) }));
  return (file) => rules.findLast(({ pattern }) => pattern.test(file))?.seen ?? true;
};

/** Returns what the first stage of the Dockerfile copies from the repository. */
const copied = (dockerfile: string): string[] =>
  [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => sources!.split(' '));

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

describe('the image', () => {
  let folder: string;
  let sources: readonly string[];
  let built: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verbatim-test-image-'));
    const isSeen = contextOf(await read('docker/Dockerfile.dockerignore'));
    for (const source of copied(await read('docker/Dockerfile')))
      await cp(join(ROOT, source), join(folder, source), {
        recursive: true,
        filter: (path) => isSeen(relative(ROOT, path)),
      });
    sources = await filesIn(folder);
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await run('npm', ['run', '--silent', 'build'], { cwd: folder });
    built = await filesIn(join(folder, 'dist'));
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('contains what runs and nothing else', () => {
    expect(sources).toContain('apps/cli/src/main.ts');
    expect([...new Set(sources.map((file) => file.split('/')[0]!))].toSorted()).toEqual([
      '.swcrc',
      'apps',
      'libs',
      'package-lock.json',
      'package.json',
    ]);
    expect(sources.filter((file) => /\.spec\.|\/specs\//.test(file))).toEqual([]);
  });

  it('contains no hardening, no planted faults and no tests', () => {
    expect(built).toContain('apps/cli/src/main.js');
    expect([...new Set(built.map((file) => file.split('/')[0]!))].toSorted()).toEqual(['apps', 'libs']);
    const foreign = built.filter((file) => /harden|harness|plant|\.spec\.|\/(?:specs|tests?)\//.test(file));
    expect(foreign.filter((file) => !SAYS_WHAT_IS_MISSING.test(file))).toEqual([]);
  });

  it('has every file that one of its files imports', async () => {
    for (const file of built.filter((name) => name.endsWith('.js') && !SAYS_WHAT_IS_MISSING.test(name))) {
      const text = await readFile(join(folder, 'dist', file), 'utf8');
      const imported = [...text.matchAll(/(?:from|import\(?|resolve\() ?'#([^']+)'/g)].map(
        ([, path]) => path!,
      );
      const missing = imported.filter((path) => !existsSync(join(folder, 'dist', path)));
      expect({ file, missing }).toEqual({ file, missing: [] });
    }
  });

  it('says what to do when it is asked to certify', async () => {
    const main = join(folder, 'dist/apps/cli/src/main.js');
    for (const words of [['hardening'], ['hardening', '--minutes', '1'], ['hardening', '--help']])
      await expect(
        run(process.execPath, [main, ...words], { cwd: folder, timeout: 10_000 }),
      ).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^verbatim hardening is not installed here: .*\nGet the sources .*\n$/),
      });
    expect((await run(process.execPath, [main, '--help'], { cwd: folder })).stdout).toContain('hardening');
  });
});
