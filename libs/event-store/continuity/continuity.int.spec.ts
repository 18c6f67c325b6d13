import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEventStore } from '#test/support/event-store.js';
import type { TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { LogReplaced } from '../event-store.errors.js';
import { EventStore } from '../event-store.js';
import { LogFeed } from '../log-feed.js';
import type { LogPosition } from '../position.js';
import type { Landmark } from './landmark.js';

const TIMES = { timeout: 15_000 };
let server: TestEventStore;
/** The store of one process after another. Each has its own memory of the log. */
let store: EventStore;

const open = (): EventStore => (store = new EventStore({ connectionString: server.connectionString }));

beforeAll(async () => {
  server = await startEventStore();
  open();
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const append = async (stream: string, event = newEvent()): Promise<Landmark> => {
  const { position } = await store.append(stream, [event], 'any');
  return (await store.landmarkAt(position))!;
};

const follow = (from: LogPosition | 'start'): { feed: LogFeed; got: string[] } => {
  const feed = new LogFeed(store);
  const got: string[] = [];
  feed.listen({ prefixes: ['other-'], onEvent: ({ eventId }) => void got.push(eventId) });
  feed.start(from);
  return { feed, got };
};

/** The tests build on one another: the log grows, is restored, and grows again. */
describe('a log that was restored from a copy', () => {
  let before: Landmark;
  let lost: Landmark;
  const resent = newEvent('sent again');

  it('holds the events that it held when it was copied', async () => {
    before = await append('other-1');
    await server.keepCopy();
    lost = await append('other-1', resent);
    await append('other-2');
    expect([await store.holds(before), await store.holds(lost)]).toEqual([true, true]);
  });

  it('is reported to processes that had read further, and accepts nothing from them', async () => {
    const { feed, got } = follow('start');
    const told: string[] = [];
    store.continuity.onReplaced(({ message }) => told.push(message));
    await expect.poll(() => got.length, TIMES).toBe(3);
    await server.restoreCopy();
    await expect.poll(() => feed.failure, TIMES).toBeInstanceOf(LogReplaced);
    await expect(store.append('other-1', [newEvent()], 'any')).rejects.toThrow(LogReplaced);
    expect(told).toEqual([expect.stringMatching(/other-2 0\) is not at position \d+ any more/)]);
    await feed.close();
    await store.close();
  });

  it('does not hold what came after, also once the same was written there again', async () => {
    open();
    expect([await store.holds(before), await store.holds(lost)]).toEqual([true, false]);
    const again = await append('other-1', resent);
    expect(again).toEqual({ ...lost, at: again.at });
    expect([await store.holds(lost), await store.holds(again)]).toEqual([false, true]);
  });

  it('is still followed by processes that had not read past the copy', async () => {
    await server.keepCopy();
    const { feed, got } = follow('start');
    await expect.poll(() => got.length, TIMES).toBe(2);
    await server.restoreCopy();
    await expect.poll(() => feed.state, TIMES).toBe('connected');
    await expect.poll(() => append('other-1').catch(() => undefined), TIMES).toBeDefined();
    await expect.poll(() => got.length, TIMES).toBe(3);
    expect(feed.failure).toBeUndefined();
    await feed.close();
  });

  it('does not become another log by losing events to retention', async () => {
    const hidden = await append('kept-1');
    await store.setStreamMetadata('kept-1', { maxCount: 1 });
    await append('kept-1');
    expect(await store.holds(hidden)).toBe(true);
    const { position } = await append('kept-1');
    // As after scavenging: nothing is at the position, and the stream shows that it had more events.
    const between = { commit: position.commit + 1n, prepare: position.commit + 1n };
    expect(await store.holds({ ...hidden, position: between })).toBe(true);
    expect(await store.holds({ ...hidden, position: between, revision: 7 })).toBe(false);
    expect(await store.holds({ ...hidden, position: between, stream: 'never-1' })).toBe(false);
  });
});
