import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FIRST_SEGMENT, injection, type Fault } from './failing-calls.js';
import { Ledger } from './ledger.js';
import { MAIN, StoreProcess } from './store-process.js';

let store: StoreProcess;
beforeEach(async () => (store = await StoreProcess.start()));
afterEach(() => store.stop());

/** Starts a store whose system calls fail. If it starts nevertheless, it ends at once, because its stdin is empty. */
const startWith = (
  dataDir: string,
  fault: Fault,
  file: string,
): { status: number | null; stderr: string } => {
  const trace = join(tmpdir(), `verbatim-strace-start-${process.pid}`);
  const node = [process.execPath, MAIN, '--data', dataDir, '--port', '0', '--with-parent'];
  const args = [...injection(dataDir, fault, [file]), '-o', trace, ...node];
  const { status, stderr } = spawnSync('strace', args, { input: '', encoding: 'utf8' });
  expect(readFileSync(trace, 'utf8')).toContain('(INJECTED)');
  rmSync(trace);
  return { status, stderr };
};

it.each(['', 'format.json', 'index.mdb', FIRST_SEGMENT])(
  'says in one line that it cannot start, and damages nothing, when "%s" cannot be opened',
  async (file) => {
    const ledger = new Ledger();
    await ledger.append(store.client(), 'before');
    await store.disconnect();
    await store.kill();
    const fault: Fault = { calls: 'openat', error: 'EMFILE', when: '1+' };
    const { status, stderr } = startWith(store.dataDir, fault, file);
    expect(stderr).toMatch(/^event store: [^\n]*EMFILE[^\n]*\n$/u);
    expect(status).toBe(1);
    await store.start();
    expect(ledger.answered.size).toBeGreaterThan(0);
    expect(await ledger.problems(store.client(), ['before'])).toEqual([]);
  },
);

it.each<Fault>([
  { calls: 'writev', error: 'ENOSPC', when: '1+' },
  { calls: 'fdatasync', error: 'EIO', when: '1+' },
])('says in a line that it can make no new store, and makes one later: $calls $error', async (fault) => {
  await store.stop();
  const { status, stderr } = startWith(store.dataDir, fault, 'index.mdb');
  expect(stderr).toMatch(/event store: The index can't be opened: [^\n]*\n$/u);
  expect(status).toBe(1);
  await store.start();
  const ledger = new Ledger();
  await ledger.append(store.client(), 'new');
  expect(ledger.failed).toEqual([]);
});
