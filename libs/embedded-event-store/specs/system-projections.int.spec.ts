import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventStoreDBClient, StreamNotFoundError } from '@eventstore/db-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '../embedded-event-store.js';
import { collect, event, events, numbers } from './store-harness.js';

let dataDir: string;
let store: EmbeddedEventStore | undefined;
let client: EventStoreDBClient;

const start = async (systemProjections: boolean): Promise<void> => {
  store = await startEmbeddedEventStore({ dataDir, systemProjections });
  client = EventStoreDBClient.connectionString(store.connectionString);
};
const stop = async (): Promise<void> => {
  await client.dispose();
  await store?.close();
  store = undefined;
};
const category = async (name: string): Promise<number[]> => {
  try {
    return numbers(await collect(client.readStream(`$ce-${name}`, { resolveLinkTos: true })));
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw error;
  }
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'event-store-projections-'));
});
afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true });
});

it('Links are off unless asked for, and catch up with what was there before', async () => {
  await start(false);
  await client.appendToStream('order-1', events(300));
  await client.appendToStream('order-2', events(300, 300));
  expect(await category('order')).toEqual([]);
  await stop();
  await start(true);
  await expect.poll(() => category('order'), { timeout: 20_000 }).toEqual(upTo(600));
});

it('Every event is linked once, though the store is stopped again and again while it links', async () => {
  await start(true);
  let next = 0;
  for (let round = 0; round < 8; round += 1) {
    for (let i = 0; i < 10; i += 1) {
      await client.appendToStream(`order-${i % 3}`, events(130, next));
      next += 130;
    }
    await stop();
    await start(true);
  }
  await client.appendToStream('order-0', event(next));
  await expect.poll(async () => (await category('order')).at(-1), { timeout: 20_000 }).toBe(next);
  expect(await category('order')).toEqual(upTo(next + 1));
});
