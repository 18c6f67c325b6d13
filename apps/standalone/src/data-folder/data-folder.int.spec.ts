import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { StartRefused } from '../start-refused.js';
import { takeDataFolder } from './data-folder.js';

let base: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'verbatim-folder-'));
  folder = join(base, 'deep', 'data');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const refusal = (path = folder): string => {
  try {
    takeDataFolder(path).release();
  } catch (error) {
    expect(error).toBeInstanceOf(StartRefused);
    return (error as Error).message;
  }
  return 'it was taken';
};

describe('the data folder', () => {
  it('is made for its owner only, and can be taken again after it was released', async () => {
    takeDataFolder(folder).release();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    takeDataFolder(folder).release();
    expect(await readdir(folder)).toEqual(['verbatim.json']);
  });

  it('may be there and empty, or hold keys that the command line kept', async () => {
    await mkdir(join(folder, 'keys'), { recursive: true });
    expect(refusal()).toBe('it was taken');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('serves one process at a time', () => {
    const taken = takeDataFolder(folder);
    expect(refusal()).toBe(
      `The data folder ${folder} is in use by another Verbatim (process ${process.pid})`,
    );
    taken.release();
    expect(refusal()).toBe('it was taken');
  });

  it('is free again when the process that held it was killed, even if its process id is in use again', async () => {
    takeDataFolder(folder).release();
    const child = spawn('sleep', ['600']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await writeFile(join(folder, 'lock'), `${child.pid} 1\n`);
    expect(refusal()).toBe('it was taken');
    await writeFile(join(folder, 'lock'), `${process.ppid} 1\n`);
    expect(refusal()).toBe('it was taken');
  });

  it.runIf(process.platform === 'linux')(
    'is free again when the process that had it was killed and its parent has not looked yet',
    async () => {
      // The parent never waits for its child, so it does not notice what became of it after the start.
      const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line);
      const fields = async (): Promise<string[]> =>
        (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'lock'), `${pid} ${(await fields())[19]}\n`);
      expect(refusal()).toContain('in use');
      process.kill(pid, 'SIGKILL');
      await waitFor('the child to be a zombie', async () => (await fields())[0] === 'Z');
      expect(refusal()).toBe('it was taken');
      parent.kill();
    },
  );

  it('is refused and left alone when it is somebody else’s', async () => {
    await writeFile(join(base, 'thesis.txt'), 'precious');
    expect(refusal(base)).toMatch(/holds something else \(thesis.txt\): set VERBATIM_DATA_DIR/);
    expect(await readdir(base)).toEqual(['thesis.txt']);
  });

  it('is refused when it is another user’s, who could open it again', async () => {
    // Only root can give a folder to another user. An ordinary user does not need to: there are enough
    // folders of root.
    const foreign = process.getuid?.() === 0 ? folder : '/usr';
    await mkdir(folder, { recursive: true });
    if (foreign === folder) await chown(folder, 65_534, 65_534);
    expect(refusal(foreign)).toMatch(
      /belongs to another user \(\d+\), who could read all of it: change its owner to/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['{"format":2}', '{}', 'null', ''])(
    'is refused when a newer version made it (%s)',
    async (text) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'verbatim.json'), text);
      expect(refusal()).toMatch(/has format (2|unknown); this version of Verbatim knows format 1/);
    },
  );

  it.each(['/dev/null/data', '/proc/verbatim-data'])(
    'is refused in one line where it can’t be created (%s)',
    (path) => {
      expect(refusal(path)).toMatch(/can't be used \(E[A-Z]+\): set VERBATIM_DATA_DIR to another$/);
    },
  );
});
