import { v5 as uuidv5 } from 'uuid';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import type { EmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { collect } from '#test/support/collect.js';
import { flipStored } from '#test/support/flip-stored.js';
import { forgedEvent } from '#test/support/forge.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { DamagedEvent } from '../event-store.errors.js';
import { EventStore } from '../event-store.js';
import { logRead } from '../stored/read-request.js';
import type { PositionedEvent, RecordedEvent } from '../recorded-event.js';

let dataDir: string;
let server: EmbeddedEventStore;
let store: EventStore;

const post = (channel: string, body: string) =>
  forgedEvent('MessagePosted', { id: uuidv5(body, uuidv5.URL), channel, bot: 'ada', body });

/** Writes three messages to each of two channels, alternately, and damages the second one of the first channel. */
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'verbatim-damaged-'));
  server = await startEmbeddedEventStore({ dataDir });
  store = new EventStore({ connectionString: server.connectionString });
  for (const number of [0, 1, 2])
    for (const channel of ['hit', 'well'])
      await store.append(`messages-${channel}`, [post(channel, `${channel} ${number}`)], 'any');
  await store.close();
  await server.close();
  flipStored(dataDir, 'hit 1');
  server = await startEmbeddedEventStore({ dataDir });
  store = new EventStore({ connectionString: server.connectionString });
});
afterEach(async () => {
  await store.close();
  await server.close();
  rmSync(dataDir, { recursive: true });
});

/** Returns the places of events, with a mark at those that can't be read. */
const placesOf = (events: readonly RecordedEvent[]): string[] =>
  events.map(({ stream, revision, unreadable }) => `${stream} ${revision}${unreadable ? ' damaged' : ''}`);

const ALL = [
  'messages-hit 0',
  'messages-well 0',
  'messages-hit 1 damaged',
  'messages-well 1',
  'messages-hit 2',
  'messages-well 2',
];
const HIT = ALL.filter((place) => place.startsWith('messages-hit'));

const subscribed = async (options: Partial<Parameters<EventStore['subscribeToAll']>[0]>, count: number) => {
  const events: PositionedEvent[] = [];
  const onEvent = (event: PositionedEvent): void => void events.push(event);
  const subscription = store.subscribeToAll({ from: 'start', ...options, onEvent });
  await waitFor('the events', () => events.length >= count);
  await subscription.close();
  return events;
};

describe('an event that is damaged on disk', () => {
  it('stands in its place as one that nobody understands: in its stream and in the log, in both directions', async () => {
    expect(placesOf(await collect(store.readStream('messages-hit')))).toEqual(HIT);
    const backwards = await collect(store.readStream('messages-hit', { direction: 'backwards' }));
    expect(placesOf(backwards)).toEqual(HIT.toReversed());
    expect(placesOf(await collect(store.readAll()))).toEqual(ALL);
    expect(placesOf(await collect(store.readAll({ direction: 'backwards' })))).toEqual(ALL.toReversed());
    expect(placesOf(await collect(store.readStream('messages-hit', { from: 1, limit: 1 })))).toEqual([
      HIT[1],
    ]);
  });

  it('is named with file and place, and counts as damage', async () => {
    const [, event] = await collect(store.readStream('messages-hit'));
    const why = /damaged at position \d+ \(events-0000000000000256\.log, byte \d+\)/u;
    expect(event).toMatchObject({ type: '', data: '', unreadable: expect.stringMatching(why) });
    expect(store.unreadable.undecidedEvents).toEqual([
      expect.objectContaining({ stream: 'messages-hit', revision: 1, why: expect.stringMatching(why) }),
    ]);
    const [, after] = await collect(store.readStream('messages-well'));
    expect(event!.at.getTime()).toBeLessThanOrEqual(after!.at.getTime());
  });

  it('comes by subscriptions: to all, to its streams, to any types, but not to other streams', async () => {
    expect(placesOf(await subscribed({}, 6))).toEqual(ALL);
    expect(placesOf(await subscribed({ streamPrefixes: ['messages-hit'] }, 3))).toEqual(HIT);
    expect(placesOf(await subscribed({ eventTypes: ['MessagePosted'] }, 6))).toEqual(ALL);
    const well = await subscribed({ streamPrefixes: ['messages-well'] }, 3);
    expect(placesOf(well)).toEqual(ALL.filter((place) => place.startsWith('messages-well')));
  });

  it('ends a read of what is stored, as long as nobody asks to be told of it in its place', async () => {
    await expect(collect(store.readStored(logRead('forwards')))).rejects.toThrow(DamagedEvent);
    const told = await collect(store.readStored({ ...logRead('forwards'), tellsDamage: true }));
    expect(told.flat().filter(({ damaged }) => damaged !== undefined)).toHaveLength(1);
    const filter = { streams: ['messages-well'] };
    const others = await collect(store.readStored({ ...logRead('forwards'), filter }));
    expect(others.flat()).toHaveLength(3);
  });

  it('is no reason to take the log for another one when the connection was lost', async () => {
    await subscribed({}, 6);
    store.continuity.connectionLost();
    await expect(store.append('messages-well', [post('well', 'more')], 2)).resolves.toMatchObject({
      revision: 3,
    });
  });
});
