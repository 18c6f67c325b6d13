import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LogIndex } from './log-index.js';
import { prepareIndex } from './prepare-index.js';
import { newStream } from './stream-state.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'verbatim-prepare-'))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const RUNS = 50_000;

/** Writes enough that LMDB has pages which it used and freed. */
const write = async (file: string): Promise<void> => {
  const index = new LogIndex(file);
  const runs = Array.from({ length: RUNS }, (_, i) => ({
    streamId: 1 + (i % 100),
    first: i,
    positions: Array.from({ length: 10 }, (__, k) => 256 + i * 10 + k),
  }));
  const streams = new Map(Array.from({ length: 500 }, (_, i) => [`s${i}`, newStream(i + 1)]));
  for (let from = 0; from < RUNS; from += RUNS / 5)
    await index.commit(
      { position: 256 + from, streamId: 501, checksum: from },
      runs.slice(from, from + RUNS / 5),
      streams,
    );
  await index.close();
};

it('An index of many pages, some of them free, is read after a crash and written to again', async () => {
  const file = path.join(folder, 'index.mdb');
  const said: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    await write(file);
    await prepareIndex(file, (line) => said.push(line)); // nobody wrote down its checksum
  }
  const index = new LogIndex(file);
  expect(index.head()).toEqual({
    position: 256 + RUNS - RUNS / 5,
    streamId: 501,
    checksum: RUNS - RUNS / 5,
  });
  expect(index.runs.forwards(1, 0, 9, 100)).toHaveLength(10);
  expect(said).toEqual([]);
  await index.close();
});

it('An index that could not be checked after a crash is not used, and this is said', async () => {
  const file = path.join(folder, 'index.mdb');
  await write(file);
  vi.stubEnv('NODE_OPTIONS', '--require=no-such-module');
  const said: string[] = [];
  await prepareIndex(file, (line) => said.push(line));
  expect(said.join()).toContain('it could not be checked: the check ended with exit code 1');
  expect(existsSync(file)).toBe(false);
  expect(existsSync(`${file}.damaged`)).toBe(true);
});
