import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEventStore } from '#test/support/event-store.js';
import type { TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { scavenge } from '#test/support/scavenge.js';
import { EventStore } from '../event-store.js';
import type { StoredEvent } from './stored-event.js';

/** Events of the log in one page. */
const PAGE = 4_096;
/** Number of events. Each has a stream of its own, so that the last one of a page can be scavenged alone. */
const EVENTS = PAGE + 104;

describe('a log in which a scavenge removes the event that a read has reached', () => {
  let server: TestEventStore;
  let store: EventStore;

  beforeAll(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString });
    for (let done = 0; done < EVENTS; done += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_value, index) =>
          store.append(`other-${done + index}`, [newEvent()], 'no_stream'),
        ),
      );
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  const idsIn = async (
    direction: 'forwards' | 'backwards',
    between?: (last: StoredEvent) => Promise<void>,
  ) => {
    const from = direction === 'forwards' ? 'start' : 'end';
    const read = { direction, from, filter: { streams: ['other-'] }, follow: false } as const;
    const ids: string[] = [];
    for await (const batch of store.readStored(read)) {
      ids.push(...batch.map(({ eventId }) => eventId));
      if (ids.length === PAGE && batch.length > 0) await between?.(batch.at(-1)!);
    }
    return ids;
  };

  it.each(['forwards', 'backwards'] as const)('is read on, %s', async (direction) => {
    const before = await idsIn(direction);
    let taken: string | undefined;
    const read = await idsIn(direction, async ({ stream, eventId }) => {
      taken = eventId;
      await store.append(stream, [newEvent()], 'any');
      await store.setStreamMetadata(stream, { maxCount: 1 });
      await scavenge(server.connectionString);
    });
    expect(read.slice(0, before.length)).toEqual(before);
    expect(await idsIn(direction)).not.toContain(taken);
  });
});
