import { chmod, mkdir, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedEventStore } from '../embedded-event-store.js';
import { StoreHarness, collect, events, numbers } from './store-harness.js';

let store: StoreHarness;
let said: string[];
beforeEach(async () => {
  store = await StoreHarness.start();
  said = [];
  const client = store.client();
  for (let i = 0; i < 20; i += 1) await client.appendToStream(`s${i % 4}`, events(5));
  await client.dispose();
});
afterEach(() => store.stopStore());

const index = (): string => path.join(store.dataDir, 'index.mdb');

/** Starts on the folder after a change, and reads all of a stream. */
const startAfter = async (change: () => Promise<unknown>): Promise<void> => {
  await store.restartAfter(async () => void (await change()), { warn: (line) => void said.push(line) });
  expect(numbers(await collect(store.client().readStream('s1')))).toEqual(
    Array.from({ length: 25 }, (_, i) => i % 5),
  );
};

/** Removes the index's checksum, as after a crash. */
const forgetSum = (): Promise<void> => rm(`${index()}.sum`, { force: true });

describe('an unusable index is put aside, reported, and rebuilt', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['zeros', async () => writeFile(index(), Buffer.alloc((await stat(index())).size))],
    ['garbage', async () => writeFile(index(), Buffer.alloc((await stat(index())).size, 'garbage'))],
    ['half', async () => truncate(index(), Math.floor((await stat(index())).size / 8192) * 4096)],
    ['something else', () => writeFile(index(), 'not an index')],
    ['a folder', async () => (await rm(index()), await mkdir(index()))],
    [
      'garbage behind its first pages',
      async () => {
        const bytes = await readFile(index());
        bytes.fill(0xa5, 2 * 4096);
        await writeFile(index(), bytes);
      },
    ],
  ])('%s', async (_, change) => {
    await startAfter(async () => {
      await change();
      await forgetSum();
    });
    expect(said).toEqual([
      expect.stringMatching(
        /^index\.mdb can't be used \(.+\): it is put aside as index\.mdb\.damaged and built again/u,
      ),
    ]);
    expect(await readdir(store.dataDir)).toContain('index.mdb.damaged');
  });

  it('one bit of a closed one', async () => {
    await startAfter(async () => {
      const bytes = await readFile(index());
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(index(), bytes);
    });
    expect(said).toEqual([expect.stringContaining('it was changed since it was closed')]);
  });
});

describe('an index is used unchanged', () => {
  it('after a close, and after a crash', async () => {
    await startAfter(async () => {});
    await startAfter(forgetSum);
    expect(said).toEqual([]);
  });

  it('and written to after a crash, when it has many pages', async () => {
    const client = store.client();
    const fill = (round: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: 600 }, (_, i) => client.appendToStream(`many-${round}-${i}`, events(2))),
      );
    await fill(0);
    await startAfter(forgetSum);
    await fill(1);
    await startAfter(forgetSum);
    expect(numbers(await collect(store.client().readStream('many-1-599')))).toEqual([0, 1]);
    expect(said).toEqual([]);
  });

  it('whatever is left of its lock, and whatever its mode', async () => {
    await startAfter(async () => {
      await writeFile(`${index()}-lock`, Buffer.alloc(8192, 0xff));
      await chmod(index(), 0o000);
    });
    expect(said).toEqual([]);
  });

  it('by one process at a time', async () => {
    await expect(startEmbeddedEventStore({ dataDir: store.dataDir })).rejects.toThrow(/in use/u);
  });
});
