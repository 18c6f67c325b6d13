import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { LogBuilder } from '#test/support/read-models.js';
import { AcceptedWindow, acceptedKey } from '#libs/delivery/accepted-window.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { DamagedEvent } from '#libs/event-store/event-store.errors.js';
import { MessageFollower } from './message-follower.js';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 29, 12);

/** Three messages, an hour apart. */
const posts = [0, 1, 2].map((hour) => ({ id: uuidv7({ msecs: NOON + hour * HOUR_MS }), hour }));
const build = new LogBuilder();
const events = posts.map(({ id, hour }) =>
  build.add(
    'messages-general',
    { type: 'MessagePosted', data: { id, channel: 'general', bot: 'ada', body: `${hour}` } },
    new Date(NOON + hour * HOUR_MS),
  ),
);

/** A log of which everything before some events is damaged. */
const follow = async (readable: number) => {
  const window = new AcceptedWindow({ minEntries: 10, maxEntries: 100, minAgeMs: 0 });
  const store = {
    async *readAll() {
      yield* events.slice(events.length - readable).toReversed();
      if (readable < events.length) throw new DamagedEvent('The log is damaged');
    },
  };
  const follower = new MessageFollower(store, window, {} as ChannelFeeds, 'gateway');
  const places: unknown[] = [];
  await follower.follow({ listen: ({ after }) => void places.push(after) });
  return { window, places };
};

describe('the end of a log in which an event is damaged', () => {
  it('is known up to there: what may lie behind it is not taken for new', async () => {
    const { window, places } = await follow(2);
    const isKnown = posts.map(({ id }) => window.find(acceptedKey('ada', id)) !== undefined);
    expect(isKnown).toEqual([false, true, true]);
    expect(window.covers(posts[0]!.id)).toBe(false);
    expect(window.covers(uuidv7({ msecs: NOON + 3 * HOUR_MS }))).toBe(true);
    expect(window.joinsOnto(events[0]!.position)).toBe(false);
    expect(window.joinsOnto(events[1]!.position)).toBe(true);
    expect(places).toEqual([events[2]!.position]);
  });

  it('is known whole where nothing is damaged', async () => {
    const { window } = await follow(3);
    expect(window.covers(uuidv7({ msecs: NOON - HOUR_MS }))).toBe(true);
  });

  it('can not be followed if that is the last one', async () => {
    await expect(follow(0)).rejects.toThrow(DamagedEvent);
  });
});
