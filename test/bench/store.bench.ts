import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, END } from '@eventstore/db-client';
import { printTable, say, type Row } from './harness/results.js';
import { round } from '#tools/harness/measure/statistics.js';
import { appendRate, fill, lmdbRate } from './store/appends.js';
import { rawReadRate, readRate, subscribeRate } from './store/reads.js';
import { ServerProcess } from './store/store-process.js';

export type StoreOptions = Readonly<{ seconds: number; events: number; bytes: number }>;

const IN_FLIGHT = [1, 10, 100, 1000];
const BATCHES = [1, 50, 500];
const READ_EVENTS = 100_000;

/**
 * Measures the event store alone with EventStoreDB's client: appends next to LMDB, reads next to a server in memory,
 * and its memory.
 */
export const store = async (options: StoreOptions): Promise<object> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-store-bench-'));
  try {
    const appends = await measureAppends(folder, options);
    const reads = await measureReads(folder, options);
    const memory = await measureMemory(folder, options);
    return { appends, reads, memory };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const measureAppends = async (folder: string, { seconds, bytes }: StoreOptions): Promise<Row[]> => {
  const server = await ServerProcess.store(join(folder, 'appends'));
  const client = EventStoreDBClient.connectionString(server.connectionString);
  const rows: Row[] = [];
  for (const batch of BATCHES) {
    for (const inFlight of IN_FLIGHT) {
      const load = { inFlight, batch, seconds, bytes };
      const ours = await appendRate(client, load, `${inFlight}-${batch}`);
      const lmdb = await lmdbRate(join(folder, `lmdb-${inFlight}-${batch}`), load);
      rows.push({ batch, 'in flight': inFlight, 'events/s': round(ours, 0), 'LMDB alone/s': round(lmdb, 0) });
    }
  }
  let seen = 0;
  const subscription = client.subscribeToAll({ fromPosition: END });
  subscription.on('data', () => void (seen += 1));
  await new Promise((resolve) => subscription.once('confirmation', resolve));
  const aimed = await appendRate(
    client,
    { inFlight: 4, batch: 50, seconds: 3 * seconds, bytes },
    'subscribed',
  );
  rows.push({ batch: 50, 'in flight': 4, 'events/s': round(aimed, 0), subscriber: `attached, sent ${seen}` });
  await subscription.unsubscribe();
  await client.dispose();
  await server.stop();
  printTable(`Appended and synced, ${bytes} bytes each`, rows);
  return rows;
};

const measureReads = async (folder: string, { bytes }: StoreOptions): Promise<Row[]> => {
  const server = await ServerProcess.store(join(folder, 'reads'));
  const memory = await ServerProcess.memory(READ_EVENTS, bytes);
  const client = EventStoreDBClient.connectionString(server.connectionString);
  const ofMemory = EventStoreDBClient.connectionString(memory.connectionString);
  await fill(client, READ_EVENTS, bytes);
  const rows: Row[] = [];
  const row = async (
    what: string,
    ours: () => Promise<number>,
    theirs: () => Promise<number>,
  ): Promise<void> => {
    await ours(); // once unmeasured, because both are compiled while they run
    await theirs();
    const [one, other] = [await ours(), await theirs()];
    rows.push({ what, 'events/s': round(one, 0), 'in memory/s': round(other, 0), share: round(one / other) });
  };
  await row(
    'read $all',
    () => readRate(client),
    () => readRate(ofMemory),
  );
  await row(
    'read $all, not decoded',
    () => rawReadRate(server.port),
    () => rawReadRate(memory.port),
  );
  await row(
    'subscribe to $all from the start',
    () => subscribeRate(client, READ_EVENTS),
    () => subscribeRate(ofMemory, READ_EVENTS),
  );
  await Promise.all([client.dispose(), ofMemory.dispose()]);
  await Promise.all([server.stop(), memory.stop()]);
  printTable(`Read, ${READ_EVENTS} events of ${bytes} bytes`, rows);
  return rows;
};

const measureMemory = async (folder: string, { events, bytes }: StoreOptions): Promise<Row[]> => {
  const dataDir = join(folder, 'memory');
  const rows: Row[] = [];
  let server = await ServerProcess.store(dataDir);
  let client = EventStoreDBClient.connectionString(server.connectionString);
  const note = (when: string): void => void rows.push({ when, 'resident MiB': round(server.rssMiB, 0) });
  note('new');
  await fill(client, events, bytes);
  note(`${events} events appended`);
  await rawReadRate(server.port);
  note('all read once');
  await client.dispose();
  await server.stop();
  server = await ServerProcess.store(dataDir);
  note(`started again, ready after ${round(server.readyMs, 0)} ms`);
  client = EventStoreDBClient.connectionString(server.connectionString);
  await rawReadRate(server.port);
  note('all read once');
  await client.dispose();
  await server.stop();
  printTable(`Memory with ${events} events of ${bytes} bytes`, rows);
  say('');
  return rows;
};
