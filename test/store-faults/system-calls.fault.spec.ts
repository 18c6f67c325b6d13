import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { START, UnavailableError, jsonEvent } from '@eventstore/db-client';
import type { ReadPosition } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../support/collect.js';
import { FIRST_SEGMENT, FailingCalls, INDEX, segmentName, type Fault } from './failing-calls.js';
import { EVENTS_AN_APPEND, Ledger } from './ledger.js';
import { StoreProcess } from './store-process.js';

const STREAMS = ['one', 'two', 'three'];
const ROUNDS = 4;
/** A segment of this many bytes is full, and another follows it. */
const SEGMENT_BYTES = 64 * 1024 * 1024;

const times = (calls: string, error: Fault['error'], last: number): Fault[] =>
  Array.from({ length: last }, (_, i) => ({ calls, error, when: String(i + 1) }));

/** Faults in what an append waits for: its records are written and synced. */
const LOG_FAULTS: Fault[] = [
  ...times('pwrite64,pwritev', 'EIO', 3),
  ...times('pwrite64,pwritev', 'ENOSPC', 3),
  ...times('fdatasync', 'EIO', 4),
];

/** Faults in what happens later: the index is written and synced, and then the index page that says so. */
const INDEX_FAULTS: Fault[] = [
  ...times('writev', 'EIO', 2),
  ...times('writev', 'ENOSPC', 2),
  ...times('pwrite64', 'ENOSPC', 1),
  ...times('fdatasync', 'EIO', 2),
];

let store: StoreProcess;
let ledger: Ledger;
/** The position from which a test looks at the log. */
let from: ReadPosition;
beforeEach(async () => {
  from = START;
  store = await StoreProcess.start();
  ledger = new Ledger();
});
afterEach(() => store.stop());

/** Appends to three streams at a time, so that one group commit holds several appends. */
const appendRounds = async (rounds: number): Promise<void> => {
  const client = store.client();
  for (let round = 0; round < rounds; round += 1)
    await Promise.all(STREAMS.map((stream) => ledger.append(client, stream)));
};

/** @returns the name of the segment that begins with what is appended next */
const fillSegment = async (): Promise<string> => {
  const client = store.client();
  const data = { text: 'x'.repeat(900_000) };
  const first = join(store.dataDir, FIRST_SEGMENT);
  let end = 0;
  while (end < SEGMENT_BYTES) {
    const { position } = await client.appendToStream('large', jsonEvent({ type: 'Noted', data }));
    from = position!;
    end = (await stat(first)).size;
  }
  return segmentName(end);
};

/** Checks that the store said that it writes again, and that it does. */
const expectGoingOn = async (): Promise<void> => {
  await expect.poll(() => store.said(), { timeout: 20_000, interval: 10 }).toMatch(/are written again\n$/u);
  const failed = ledger.failed.length;
  await appendRounds(2);
  expect(ledger.failed.length).toBe(failed);
};

/** Checks that nothing is lost or torn, now and after a kill. */
const expectSound = async (): Promise<void> => {
  expect(await ledger.problems(store.client(), STREAMS, from)).toEqual([]);
  await store.killAndStart();
  expect(await ledger.problems(store.client(), STREAMS, from)).toEqual([]);
};

describe('a system call that fails once', () => {
  it.each(LOG_FAULTS)(
    'is reported to the appender, and the store goes on: $calls $error $when',
    async (fault: Fault) => {
      await appendRounds(1);
      expect(ledger.failed).toEqual([]);
      const failing = await FailingCalls.of(store, fault, [FIRST_SEGMENT]);
      await appendRounds(ROUNDS);
      const made = await failing.end(); // one failure for each kind of call
      expect(made).toBeGreaterThan(0);
      expect(ledger.failed.length).toBeGreaterThan(0);
      await expectGoingOn();
      await expectSound();
    },
  );

  it.each(INDEX_FAULTS)(
    'on the index goes unnoticed and is repaired: $calls $error $when',
    async (fault: Fault) => {
      await appendRounds(1);
      const failing = await FailingCalls.of(store, fault, [INDEX]);
      // Appends until the index has been written often enough for the fault to occur.
      await expect
        .poll(() => appendRounds(1).then(() => failing.made()), { timeout: 20_000, interval: 100 })
        .toBe(1);
      await appendRounds(ROUNDS);
      await failing.end();
      expect(ledger.failed).toEqual([]);
      await expectSound();
    },
  );

  it.each<Fault>([
    { calls: 'openat', error: 'EMFILE', when: '1' },
    { calls: 'openat', error: 'EMFILE', when: '2' },
    { calls: 'fsync', error: 'EIO', when: '1' },
  ])('is told to the first who appends behind a full segment: $calls $error $when', async (fault) => {
    const failing = await FailingCalls.of(store, fault, ['', await fillSegment()]);
    await appendRounds(ROUNDS);
    expect(await failing.end()).toBe(1);
    expect(ledger.failed.length).toBeGreaterThan(0);
    await expectGoingOn();
    await expectSound();
  });
});

describe('a disk that accepts no more writes', () => {
  it.each<Fault>([
    { calls: 'pwrite64,pwritev,writev', error: 'ENOSPC', when: '1+' },
    { calls: 'fdatasync', error: 'EIO', when: '1+' },
  ])(
    'gives errors to writers and events to readers, and is written to again later: $calls',
    async (fault) => {
      await appendRounds(1);
      const failing = await FailingCalls.of(store, fault);
      await appendRounds(ROUNDS);
      expect(ledger.failed).toHaveLength(ROUNDS * STREAMS.length);
      expect(await ledger.problems(store.client(), STREAMS, from)).toEqual([]);
      expect(await failing.end()).toBeGreaterThan(0);
      await expectGoingOn();
      await expectSound();
    },
  );

  it('does not stop appends when the index cannot even be reopened; reads that need the index are told to retry', async () => {
    await appendRounds(1);
    await store.disconnect();
    await store.restart();
    const and: Fault = { calls: 'openat', error: 'EMFILE', when: '1+' };
    const fault: Fault = { calls: 'writev', error: 'ENOSPC', when: '1+', and };
    const failing = await FailingCalls.of(store, fault, [INDEX]);
    await appendRounds(ROUNDS);
    await expect.poll(() => failing.made(), { timeout: 20_000 }).toBeGreaterThan(1);
    await expect(collect(store.client().readStream('one'))).rejects.toThrow(UnavailableError);
    await appendRounds(1);
    await failing.end();
    expect(ledger.failed).toEqual([]);
    await appendRounds(2);
    await expectSound();
  });

  it('does not stop reads', async () => {
    await appendRounds(2);
    const failing = await FailingCalls.of(
      store,
      { calls: 'pwrite64,pwritev', error: 'ENOSPC', when: '1+2' },
      [FIRST_SEGMENT],
    );
    const client = store.client();
    const reading = new AbortController();
    let reads = 0;
    const read = async (): Promise<void> => {
      while (!reading.signal.aborted) {
        expect((await collect(client.readStream('one'))).length).toBeGreaterThanOrEqual(2 * EVENTS_AN_APPEND);
        reads += 1;
      }
    };
    const readers = Promise.all([read(), read(), read()]);
    await expect
      .poll(() => appendRounds(5).then(() => failing.made()), { timeout: 20_000, interval: 100 })
      .toBeGreaterThan(3);
    reading.abort();
    await readers;
    await failing.end();
    expect(reads).toBeGreaterThan(10);
    await expectSound();
  });

  it('does not keep subscribers from getting each stored event once and in order', async () => {
    const client = store.client();
    const seen: string[] = [];
    const subscription = client.subscribeToAll({ fromPosition: START });
    subscription.on('data', ({ event }) => void seen.push(event!.id));
    await new Promise((resolve) => subscription.once('confirmation', resolve));
    for (const fault of LOG_FAULTS) {
      const failing = await FailingCalls.of(store, fault, [FIRST_SEGMENT]);
      await appendRounds(ROUNDS);
      await failing.end();
    }
    await appendRounds(1);
    const stored = (await collect(client.readAll())).map(({ event }) => event!.id);
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(stored.length);
    expect(seen).toEqual(stored);
    await subscription.unsubscribe();
  });
});
