import { closeSync, openSync, readSync, readdirSync, writeSync } from 'node:fs';
import path from 'node:path';
import { START, streamNameFilter } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreHarness, collect, events, numbers } from './store-harness.js';

let store: StoreHarness;
beforeEach(async () => (store = await StoreHarness.start()));
afterEach(() => store.stopStore());

/** Flips a bit in a stored event, found by its text. */
const flipIn = (text: string, { last = false } = {}): void => {
  const file = path.join(
    store.dataDir,
    readdirSync(store.dataDir).find((name) => name.endsWith('.log'))!,
  );
  const fd = openSync(file, 'r+');
  const bytes = Buffer.alloc(1024 * 1024);
  const length = readSync(fd, bytes, 0, bytes.length, 0);
  const written = bytes.subarray(0, length);
  const at = last ? written.lastIndexOf(text) : written.indexOf(text);
  expect(at).toBeGreaterThan(0);
  const end = at + text.length - 1;
  writeSync(fd, Buffer.from([bytes[end]! ^ 1]), 0, 1, end);
  closeSync(fd);
};

/** Returns what a read gives until it fails, and its error. */
const readUntilFailure = async (
  source: AsyncIterable<Parameters<typeof numbers>[0][number]>,
): Promise<{ read: number[]; failure: unknown }> => {
  const read: number[] = [];
  try {
    for await (const resolved of source) read.push(...numbers([resolved]));
  } catch (failure) {
    return { read, failure };
  }
  return { read, failure: undefined };
};

it('The store finds damage by itself, before anybody reads it, and reports it once', async () => {
  const client = store.client();
  await client.appendToStream('hit', events(300));
  await client.dispose();
  const found: (string | undefined)[] = [];
  await store.restartAfter(async () => flipIn('{"number":200}'));
  await new Promise<void>((resolve) => {
    const again = store.restartAfter(async () => {}, {
      damageWalk: { delayMs: 5, bytesPerSecond: 1e9, restMs: 5 },
      damaged: ({ place }) => {
        found.push(place?.file);
        resolve();
      },
    });
    void again;
  });
  await client.dispose();
  expect(found).toEqual(['events-0000000000000256.log']);
});

describe('an event that is damaged on disk', () => {
  const REASON = /DATA_LOSS: The log is damaged at position \d+ \(events-0000000000000256\.log, byte \d+\)/u;

  beforeEach(async () => {
    const client = store.client();
    await client.appendToStream('hit', events(10));
    await client.appendToStream('well', events(3));
    await store.restartAfter(async () => flipIn('{"number":5}'));
  });

  it('is never delivered: a reader gets the events before it and an error that names file and position', async () => {
    const client = store.client();
    const streamed = await readUntilFailure(client.readStream('hit'));
    expect(streamed).toEqual({ read: [0, 1, 2, 3, 4], failure: expect.objectContaining({ code: 15 }) });
    expect((streamed.failure as Error).message).toMatch(REASON);
    const all = await readUntilFailure(client.readAll({ fromPosition: START }));
    expect(all.read).toEqual([0, 1, 2, 3, 4]);
    const back = await readUntilFailure(
      client.readStream('hit', { direction: 'backwards', fromRevision: 'end' }),
    );
    expect(back.read).toEqual([9, 8, 7, 6]);
    const subscribed = await readUntilFailure(client.subscribeToStream('hit'));
    expect(subscribed.read).toEqual([0, 1, 2, 3, 4]);
    expect((subscribed.failure as Error).message).toMatch(REASON);
  });

  it('does not affect other events of its stream, other streams, or appends', async () => {
    const client = store.client();
    expect(numbers(await collect(client.readStream('hit', { fromRevision: 6n })))).toEqual([6, 7, 8, 9]);
    expect(numbers(await collect(client.readStream('well')))).toEqual([0, 1, 2]);
    const { nextExpectedRevision } = await client.appendToStream('hit', events(1, 10));
    expect(nextExpectedRevision).toBe(10n);
  });

  it('does not end a subscription to the whole log that wants other streams, even if its header is damaged', async () => {
    await store.restartAfter(async () => flipIn('\u0003hit', { last: true }));
    const client = store.client();
    const filter = streamNameFilter({ prefixes: ['well'] });
    const followed = client.subscribeToAll({ filter });
    const live: number[] = [];
    for await (const resolved of followed) if (live.push(...numbers([resolved])) === 3) break;
    expect(live).toEqual([0, 1, 2]);
  });

  it('fails only the append that has to be compared with it', async () => {
    const client = store.client();
    const repeat = client.appendToStream('hit', events(1, 5), { expectedRevision: 4n });
    const others = Promise.all(['x', 'y'].map((name) => client.appendToStream(name, events(1))));
    await expect(repeat).rejects.toThrow(REASON);
    await expect(others).resolves.toHaveLength(2);
  });
});
