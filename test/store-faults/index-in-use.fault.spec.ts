import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jsonEvent } from '@eventstore/db-client';
import { waitFor } from '#tools/harness/wait-for.js';
import { StoreProcess } from './store-process.js';

const PAGE = 4096;
const STREAMS = 100;

let store: StoreProcess;
beforeEach(async () => (store = await StoreProcess.start()));
afterEach(() => store.stop());

/** Overwrites the pages of the index from one page to before another, while the store uses it. */
const overwrite = (from: number, to = Number.POSITIVE_INFINITY): void => {
  const fd = openSync(join(store.dataDir, 'index.mdb'), 'r+');
  const end = Math.min(to, fstatSync(fd).size / PAGE);
  for (let page = from; page < end; page += 1) writeSync(fd, Buffer.alloc(PAGE), 0, PAGE, page * PAGE);
  closeSync(fd);
};

const countOf = async (stream: string): Promise<number> => {
  const client = store.client();
  let count = 0;
  for await (const { event } of client.readStream(stream)) if (event) count += 1;
  return count;
};

it.each([
  ['its first two pages', 0, 2],
  ['everything behind them', 2, undefined],
])(
  'an index of which %s are lost while it is used ends the store, whose next start builds it again',
  async (_, from, to) => {
    const client = store.client();
    for (let round = 0; round < 2; round += 1)
      await Promise.all(
        Array.from({ length: STREAMS }, (__, i) =>
          client.appendToStream(`s${i}`, jsonEvent({ type: 'Counted', data: { round } })),
        ),
      );
    await store.disconnect();
    await store.restart(); // everything is in the index now
    overwrite(from, to);
    await waitFor('the store to end', () =>
      countOf('s1').then(
        () => false,
        (error: Error) => /ECONNREFUSED/u.test(error.message),
      ),
    );
    await store.killAndStart();
    expect(store.said()).toContain('it is put aside as index.mdb.damaged and built again from the log');
    for (const stream of ['s0', 's1', `s${STREAMS - 1}`]) expect(await countOf(stream)).toBe(2);
    const { nextExpectedRevision } = await store
      .client()
      .appendToStream('s1', jsonEvent({ type: 'Counted', data: {} }), { expectedRevision: 1n });
    expect(nextExpectedRevision).toBe(2n);
  },
);
