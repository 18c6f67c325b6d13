import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import { StoreProcess } from './store-process.js';

let store: StoreProcess;
beforeEach(async () => (store = await StoreProcess.start()));
afterEach(() => store.stop());

/** Limits how large a file may get, in bytes. To a process this looks like a full disk, without needing one. */
const limitFiles = (bytes: number | 'unlimited'): void => {
  execFileSync('prlimit', ['--pid', String(store.pid), `--fsize=${bytes}:`]);
};

const sizeOf = (matching: RegExp): number => {
  const name = readdirSync(store.dataDir).find((file) => matching.test(file))!;
  return statSync(join(store.dataDir, name)).size;
};

/** Checks that the store says that it writes again, and that no append fails from then on. */
const takesAppends = async (ledger: Ledger): Promise<void> => {
  await expect.poll(() => store.said(), { timeout: 20_000, interval: 10 }).toMatch(/are written again\n$/u);
  const failed = ledger.failed.length;
  for (let i = 0; i < 5; i += 1) await ledger.append(store.client(), 'filling');
  expect(ledger.failed.length).toBe(failed);
};

it.each([
  ['the log', /^events-/u, 4096],
  ['the index', /^index\.mdb$/u, 0],
])(
  'stops writing when %s can grow no more, still reads, and goes on once there is room',
  async (_, file, more) => {
    const ledger = new Ledger();
    const client = store.client();
    await ledger.append(client, 'filling');
    limitFiles(sizeOf(file) + more);
    while (ledger.failed.length < 3) await ledger.append(client, 'filling');
    expect(ledger.answered.size).toBeGreaterThan(0);
    expect(await ledger.problems(client, ['filling'])).toEqual([]);
    limitFiles('unlimited');
    await takesAppends(ledger);
    await store.killAndStart();
    expect(await ledger.problems(store.client(), ['filling'])).toEqual([]);
  },
);
