import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { ChannelFeeds } from './channel-feeds.js';
import { toMessage } from './message-encoding.js';

const posted = (seq: number): RecordedEvent =>
  recordedEvent('messages-red', seq, 'MessagePosted', {
    id: `id-${seq}`,
    channel: 'red',
    bot: 'alice',
    body: `message ${seq}`,
  });

/** A channel in a store, longer than what the log has brought to this process. */
const setUp = () => {
  const stream: RecordedEvent[] = [];
  const setAside = new SetAsideEvents();
  const announced: number[] = [];
  const reads = { begun: 0, underWay: 0, most: 0 };
  const feeds = new ChannelFeeds(
    {
      setAside,
      // oxlint-disable-next-line typescript/require-await -- as the store's, which awaits
      async *readStream(_, { direction, from = 0 } = {}) {
        const events = stream.filter(({ revision }) => typeof from !== 'number' || revision >= from);
        reads.begun += 1;
        reads.underWay += 1;
        reads.most = Math.max(reads.most, reads.underWay);
        yield* direction === 'backwards' ? events.toReversed() : events;
        reads.underWay -= 1;
      },
    },
    ({ seq }) => announced.push(seq),
  );
  const write = (upTo: number): void => {
    while (stream.length <= upTo) stream.push(posted(stream.length));
  };
  return { feeds, write, announced, reads };
};

describe('a channel’s feed behind its stream', () => {
  it('is brought level with what a bot has seen elsewhere', async () => {
    const { feeds, write, announced } = setUp();
    write(2);
    expect((await feeds.openAt('red', 2)).head).toBe(2);
    write(5);
    expect((await feeds.openAt('red', 4)).head).toBe(5);
    expect(announced).toEqual([3, 4, 5]);
  });

  it('takes each message once when the log brings it after all', async () => {
    const { feeds, write, announced } = setUp();
    write(2);
    await feeds.open('red');
    write(4);
    await feeds.openAt('red', 4);
    for (const seq of [3, 4, 5]) feeds.accept(toMessage(posted(seq)));
    expect(announced).toEqual([3, 4, 5]);
  });

  it('ends where the stream does, whatever a bot says', async () => {
    const { feeds, write } = setUp();
    write(2);
    expect((await feeds.openAt('red', 9)).head).toBe(2);
  });

  it('is read once at a time, however many wait for it, and again for what was written meanwhile', async () => {
    const { feeds, write, announced, reads } = setUp();
    write(0);
    const feed = await feeds.open('red');
    write(3);
    const first = Array.from({ length: 50 }, () => feeds.catchUp(feed, 3));
    const later = Promise.resolve().then(() => {
      write(6);
      return Promise.all(Array.from({ length: 50 }, () => feeds.catchUp(feed, 6)));
    });
    await Promise.all([...first, later]);
    expect(announced).toEqual([1, 2, 3, 4, 5, 6]);
    expect(reads.most).toBe(1);
    expect(reads.begun).toBeLessThanOrEqual(3); // with the one that opened it
  });
});
