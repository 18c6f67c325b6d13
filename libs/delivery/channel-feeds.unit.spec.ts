import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { ChannelFeeds } from './channel-feeds.js';
import type { Gap } from './audience.js';
import { toMessage } from './message-encoding.js';

const posted = (seq: number): RecordedEvent =>
  recordedEvent('messages-red', seq, 'MessagePosted', {
    id: `id-${seq}`,
    channel: 'red',
    bot: 'alice',
    body: `message ${seq}`,
  });

/** A channel whose stream in the store is longer than what the log has delivered to this process. */
const setUp = () => {
  const stream: RecordedEvent[] = [];
  const setAside = new SetAsideEvents();
  const announced: number[] = [];
  const gaps: Gap[] = [];
  const reads = { begun: 0, underWay: 0, most: 0 };
  let hidden = 0;
  const feeds = new ChannelFeeds(
    {
      setAside,
      // oxlint-disable-next-line typescript/require-await -- as the store's, which awaits
      async *readStream(_, { direction, from = 0, onLastRevision } = {}) {
        const left = stream.slice(hidden);
        const last = stream.length - 1;
        const events = left.filter(({ revision }) => typeof from !== 'number' || revision >= from);
        reads.begun += 1;
        reads.underWay += 1;
        reads.most = Math.max(reads.most, reads.underWay);
        yield* direction === 'backwards' ? events.toReversed() : events;
        reads.underWay -= 1;
        if (last >= 0) onLastRevision?.(last);
      },
    },
    { takePlace: ({ seq }) => void announced.push(seq), takeGap: (gap) => void gaps.push(gap) },
  );
  const write = (upTo: number): void => {
    while (stream.length <= upTo) stream.push(posted(stream.length));
  };
  const hide = (count: number): void => void (hidden = count);
  /** An event that cannot be decoded. */
  const forge = (): number => {
    stream.push({ ...posted(stream.length), unreadable: 'its data is not an object' });
    return stream.length - 1;
  };
  const decide = (revision: number): void =>
    setAside.setAside({ stream: 'messages-red', revision, reason: 'r', keyId: 'k', at: '' });
  return { feeds, write, hide, announced, gaps, reads, stream, forge, decide };
};

describe('a channel’s feed behind its stream', () => {
  it('catches up with what a bot has seen elsewhere', async () => {
    const { feeds, write, announced } = setUp();
    write(2);
    expect((await feeds.openAt('red', 2)).head).toBe(2);
    write(5);
    expect((await feeds.openAt('red', 4)).head).toBe(5);
    expect(announced).toEqual([3, 4, 5]);
  });

  it('takes each message once when the log delivers it after all', async () => {
    const { feeds, write, announced } = setUp();
    write(2);
    await feeds.open('red');
    write(4);
    await feeds.openAt('red', 4);
    for (const seq of [3, 4, 5]) feeds.takeMessage(toMessage(posted(seq)));
    expect(announced).toEqual([3, 4, 5]);
  });

  it('ends where the stream ends, whatever a bot claims', async () => {
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
    expect(reads.begun).toBeLessThanOrEqual(3); // including the read that opened it
  });
});

describe('a channel that retention has removed a part of', () => {
  it('ends where it ended, even if nothing of it can be read', async () => {
    const { feeds, write, hide, gaps } = setUp();
    write(2);
    hide(3);
    expect((await feeds.open('red')).head).toBe(2);
    expect(await feeds.readAfter('red', 0, { messages: 9, weight: 9_999 })).toEqual([]);
    expect(gaps).toEqual([]);
  });

  it('continues after what was removed before it arrived here, and says so first', async () => {
    const { feeds, write, hide, announced, gaps } = setUp();
    write(1);
    const feed = await feeds.open('red');
    write(5);
    hide(4);
    feeds.takeMessage(toMessage(posted(5)));
    await feed.waitForSeq(5);
    expect(gaps).toEqual([{ channel: 'red', from: 2, to: 3 }]);
    expect(announced).toEqual([4, 5]);
    write(7);
    hide(8);
    await feeds.catchUp(feed, 7);
    expect(gaps.at(-1)).toEqual({ channel: 'red', from: 6, to: 7 });
    expect([feed.head, announced]).toEqual([7, [4, 5]]);
  });

  it('gives no batch with a gap: what follows the gap comes with the next batch', async () => {
    const stream = [posted(0), posted(1), posted(4), posted(5)];
    const feeds = new ChannelFeeds(
      {
        setAside: new SetAsideEvents(),
        // oxlint-disable-next-line typescript/require-await -- as the store's, which awaits
        async *readStream(_, { from = 0 } = {}) {
          yield* stream.filter(({ revision }) => revision >= (from as number));
        },
      },
      { takePlace: () => undefined, takeGap: () => undefined },
    );
    const after = async (seq: number) =>
      (await feeds.readAfter('red', seq, { messages: 9, weight: 9_999 })).map((message) => message.seq);
    expect([await after(-1), await after(1)]).toEqual([
      [0, 1],
      [4, 5],
    ]);
  });
});

describe('a channel at an event that nobody understands', () => {
  const damaged = expect.objectContaining({ code: 'channel_damaged' }) as unknown;

  it('stops before it, and goes on over its place once it is set aside', async () => {
    const { feeds, write, announced, stream, forge, decide } = setUp();
    write(1);
    const feed = await feeds.open('red');
    feeds.takeUnreadable(stream[forge()]!);
    write(4);
    for (const seq of [3, 4]) feeds.takeMessage(toMessage(posted(seq)));
    expect([feed.head, announced]).toEqual([1, []]);
    expect(() => feeds.requireWhole('red')).toThrow('event 2 of stream "messages-red"');
    await expect(feeds.readAfter('red', 1, { messages: 9, weight: 1e6 })).rejects.toEqual(damaged);
    decide(2);
    await feeds.continueChannel('red');
    expect([feed.head, announced]).toEqual([4, [2, 3, 4]]);
    feeds.requireWhole('red');
    const kinds = (await feeds.readBefore('red', undefined, 9)).map(({ kind }) => kind);
    expect(kinds).toEqual(['posted', 'posted', 'set_aside', 'posted', 'posted']);
    expect(feed.ring.get(2)?.kind).toBe('set_aside');
  });

  it('continues to the next one, announced or not, and skips at once one that was set aside before it came', async () => {
    const { feeds, write, announced, forge, decide, stream } = setUp();
    const first = forge();
    write(1);
    const second = forge();
    write(3);
    const feed = await feeds.open('red');
    expect(feed.head).toBe(-1);
    decide(first);
    await feeds.continueChannel('red');
    expect([feed.head, feeds.stopOf('red')]).toEqual([1, second]);
    decide(second);
    await feeds.continueChannel('red');
    const third = forge();
    decide(third);
    feeds.takeUnreadable(stream[third]!);
    expect([feed.head, announced]).toEqual([third, [0, 1, 2, 3, 4]]);
  });

  it('that nobody has used is read when somebody does', async () => {
    const { feeds, write, forge, decide, reads } = setUp();
    write(0);
    decide(forge());
    await feeds.continueChannel('red');
    expect(reads.begun).toBe(0);
    expect((await feeds.open('red')).head).toBe(1);
  });

  it('is reported as stopped each time such an event is met', async () => {
    const { feeds, forge } = setUp();
    const met: string[] = [];
    feeds.onStop((channel) => met.push(channel));
    forge();
    await feeds.open('red');
    expect(met).toEqual(['red']);
  });
});
