import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { LogBuilder } from '#test/support/read-models.js';
import { AcceptedWindow, acceptedKey } from '#libs/delivery/accepted-window.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { DamagedEvent } from '#libs/event-store/event-store.errors.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { sequence } from '#test/support/sequence.js';
import { MessageFollower } from './message-follower.js';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 29, 12);

/** Three messages, an hour apart. */
const posts = [0, 1, 2].map((hour) => ({ id: uuidv7({ msecs: NOON + hour * HOUR_MS }), hour }));

const add = (build: LogBuilder, { id, hour }: (typeof posts)[number]): PositionedEvent =>
  build.add(
    'messages-general',
    { type: 'MessagePosted', data: { id, channel: 'general', bot: 'ada', body: `${hour}` } },
    new Date(NOON + hour * HOUR_MS),
  );

const build = new LogBuilder();
const events = posts.map((post) => add(build, post));

/** Follows a log that ends with these events. `before` is what a reader of their channel finds in front of them. */
const follow = async (
  readable: readonly PositionedEvent[],
  before: readonly PositionedEvent[] | 'damage' = 'damage',
) => {
  const window = new AcceptedWindow({ minEntries: 10, maxEntries: 100, minAgeMs: 0 });
  const store = {
    async *readAll() {
      yield* readable.toReversed();
      if (before === 'damage') throw new DamagedEvent('The log is damaged');
    },
    async *readStream(name: string, { from }: { from?: unknown } = {}) {
      const there = [...(before === 'damage' ? [] : before), ...readable];
      yield* there.filter(({ stream, revision }) => stream === name && revision >= Number(from)).slice(0, 1);
    },
    wasScavenged: async () => Promise.resolve(before !== 'damage'),
  };
  const follower = new MessageFollower(store, window, {} as ChannelFeeds, 'gateway');
  const places: unknown[] = [];
  await follower.follow({ listen: ({ after }) => void places.push(after) });
  return { window, places };
};

describe('the end of a log in which an event is damaged', () => {
  it('is known up to that event: what may lie after it is not taken for new', async () => {
    const { window, places } = await follow(events.slice(1));
    const isKnown = posts.map(({ id }) => window.find(acceptedKey('ada', id)) !== undefined);
    expect(isKnown).toEqual([false, true, true]);
    expect(window.covers(posts[0]!.id)).toBe(false);
    expect(window.covers(uuidv7({ msecs: NOON + 3 * HOUR_MS }))).toBe(true);
    expect(window.joinsOnto(events[0]!.position)).toBe(false);
    expect(window.joinsOnto(events[1]!.position)).toBe(true);
    expect(places).toEqual([events[2]!.position]);
  });

  it('is known completely where nothing is damaged', async () => {
    const { window } = await follow(events, []);
    expect(window.covers(uuidv7({ msecs: NOON - HOUR_MS }))).toBe(true);
  });

  it('cannot be followed if the damaged event is the last one', async () => {
    await expect(follow([])).rejects.toThrow(DamagedEvent);
  });
});

describe('the end of a partly scavenged log', () => {
  const THREE_HOURS_LATER = uuidv7({ msecs: NOON + 3 * HOUR_MS });

  it('is sure only of ids made after the first message without a predecessor', async () => {
    const { window, places } = await follow(events.slice(1), []);
    expect(window.covers(posts[0]!.id)).toBe(false);
    expect(window.covers(THREE_HOURS_LATER)).toBe(true);
    expect(window.find(acceptedKey('ada', posts[1]!.id))).toBeDefined();
    expect(places).toEqual([events[2]!.position]);
  });

  it.each([
    ['has lost nothing more if the message before what was read is there', 1, true],
    ['is sure of later ids alone if that is gone', 0, false],
  ])('%s', async (_what, before, isSure) => {
    const long = new LogBuilder();
    const hidden = [add(long, posts[0]!), add(long, posts[1]!)];
    // More events than are read at start.
    const elsewhere = sequence(1, 10_000).map(() =>
      long.add('bot-ada', { type: 'BotReinstated', data: {} }, new Date(NOON)),
    );
    const last = add(long, posts[2]!);
    const { window } = await follow([...elsewhere, last], [hidden[before]!]);
    expect(window.covers(posts[2]!.id)).toBe(isSure);
    expect(window.joinsOnto(hidden[1]!.position)).toBe(false);
    expect(window.joinsOnto(elsewhere.at(-1)!.position)).toBe(isSure);
    expect(window.joinsOnto(last.position)).toBe(true);
  });
});
