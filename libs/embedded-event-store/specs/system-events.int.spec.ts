import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventStoreDBClient, excludeSystemEvents, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedEventStore, type EmbeddedEventStoreOptions } from '../embedded-event-store.js';
import { RecentEventIds } from '../rules/recent-event-ids.js';
import { takeDataFolder } from '../storage/data-folder.js';
import { EventLog } from '../storage/event-log.js';
import { LiveFeed } from '../storage/live-feed.js';
import { LogWriter } from '../storage/log-writer.js';
import { randomUuid } from '../rules/uuid.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'event-store-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const whileRunning = async <T>(
  use: (client: EventStoreDBClient) => Promise<T>,
  options: Partial<EmbeddedEventStoreOptions> = {},
): Promise<T> => {
  const store = await startEmbeddedEventStore({ dataDir, ...options });
  const client = EventStoreDBClient.connectionString(store.connectionString);
  try {
    return await use(client);
  } finally {
    await client.dispose();
    await store.close();
  }
};

const allEvents = async (client: EventStoreDBClient) => {
  const events = [];
  for await (const { event } of client.readAll()) events.push(event!);
  return events;
};

const all = async (client: EventStoreDBClient): Promise<string[]> =>
  (await allEvents(client)).map(({ streamId, revision }) => `${streamId}@${revision}`);

/** Makes a log from the time before nodes wrote events of their own into it. */
const makeOldLog = async (): Promise<void> => {
  takeDataFolder(dataDir).release();
  const log = new EventLog(dataDir);
  const writer = new LogWriter(log, new LiveFeed(log.nextPosition), new RecentEventIds());
  const data = Buffer.from('{}');
  const event = { id: randomUuid(), type: 'Placed', isJson: true, data, metadata: Buffer.alloc(0) };
  await writer.submit({ kind: 'append', stream: 'orders-1', expected: 'no_stream', events: [event] });
  await writer.close();
  await log.close();
};

const USERS = ['$$$user-admin@0', '$user-admin@0', '$users@0', '$$$user-ops@0', '$user-ops@0', '$users@1'];

describe('the events of the store itself', () => {
  it('are an epoch at each start, which is hidden from readers of $all', async () => {
    for (const epochs of [1, 2])
      await whileRunning(async (client) => {
        expect(await all(client)).toEqual([]);
        const found = [];
        for await (const { event } of client.readStream('$epoch-information')) found.push(event!.type);
        expect(found).toEqual(Array.from({ length: epochs }, () => '$epoch-information'));
      });
  });

  it('are two users, once, where clients have to log in', async () => {
    expect(await whileRunning(all, { secure: true })).toEqual(USERS);
    expect(await whileRunning(all, { secure: true })).toEqual(USERS);
  });

  it('come after the events that a folder held already, and those stay where they were', async () => {
    await makeOldLog();
    await whileRunning(
      async (client) => {
        expect(await all(client)).toEqual(['orders-1@0', ...USERS]);
        const paid = jsonEvent({ type: 'Paid', data: {} });
        await client.appendToStream('orders-1', paid, { expectedRevision: 0n });
        const [first] = await allEvents(client);
        expect([first!.type, first!.position.commit]).toEqual(['Placed', 256n]);
      },
      { secure: true },
    );
  });

  it('are left out by the filter that clients have for it', async () => {
    await whileRunning(
      async (client) => {
        await client.appendToStream('orders-1', jsonEvent({ type: 'Placed', data: {} }));
        for await (const { event } of client.subscribeToAll({ filter: excludeSystemEvents() })) {
          expect(event!.streamId).toBe('orders-1');
          break;
        }
      },
      { secure: true },
    );
  });
});
