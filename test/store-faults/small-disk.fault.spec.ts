import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SmallDisk } from '../support/small-disk.js';
import { Ledger } from './ledger.js';
import { StoreProcess } from './store-process.js';

/** What is wrong with a disk, and how to repair it. */
type Ill = Readonly<{ what: string; says: RegExp; fall(disk: SmallDisk): void; heal(disk: SmallDisk): void }>;

/** Milliseconds within which a full disk must be told, and an append refused. This is promised. */
const PROMISED_MS = 1_000;
const STREAM = 'filling';
const FULL: Ill = {
  what: 'is full',
  says: /no event can be written: the disk is full \(ENOSPC\)/u,
  fall: (disk) => disk.fill(),
  heal: (disk) => disk.makeRoom(),
};

let disk: SmallDisk;
let store: StoreProcess;
let ledger: Ledger;
beforeEach(async () => {
  disk = new SmallDisk(16);
  store = await StoreProcess.start(disk.folder);
  ledger = new Ledger();
});
afterEach(async () => {
  await store.stop();
  disk.remove();
});

const appendUntilRefused = async (): Promise<void> => {
  const before = ledger.failed.length;
  while (ledger.failed.length < before + 3) await ledger.append(store.client(), STREAM);
};

const says = (pattern: RegExp) =>
  expect.poll(() => store.said(), { timeout: PROMISED_MS, interval: 10 }).toMatch(pattern);

describe('a disk that', () => {
  it.each<Ill>([FULL])(
    '$what refuses appends at once and says why, loses nothing, and recovers by itself',
    async ({ says: words, fall, heal }) => {
      for (let round = 1; round <= 2; round += 1) {
        await ledger.append(store.client(), STREAM);
        fall(disk);
        await appendUntilRefused();
        await says(words);
        const began = performance.now();
        await ledger.append(store.client(), STREAM);
        expect(performance.now() - began).toBeLessThan(PROMISED_MS);
        expect(await ledger.problems(store.client(), [STREAM])).toEqual([]);
        heal(disk);
        await says(/events are written again\n$/u);
        const failed = ledger.failed.length;
        for (let i = 0; i < 5; i += 1) await ledger.append(store.client(), STREAM);
        expect(ledger.failed.length).toBe(failed);
      }
      await store.killAndStart();
      expect(await ledger.problems(store.client(), [STREAM])).toEqual([]);
    },
  );

  it('is full makes the start fail with a clear error; once there is room, the store starts and nothing is lost', async () => {
    await ledger.append(store.client(), STREAM);
    disk.fill();
    await appendUntilRefused();
    await store.kill();
    disk.fill();
    await expect(store.start()).rejects.toThrow(
      /Cannot write to the data folder .*: the disk is full \(ENOSPC\)$/u,
    );
    disk.makeRoom();
    await store.start();
    await ledger.append(store.client(), STREAM);
    expect(await ledger.problems(store.client(), [STREAM])).toEqual([]);
  });
});
