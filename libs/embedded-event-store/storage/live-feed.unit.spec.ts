import { describe, expect, it, vi } from 'vitest';
import { collectGarbage } from '#test/support/collect-garbage.js';
import { LiveFeed } from './live-feed.js';
import { LogEntry } from './log-entry.js';

const SIZE = 100;
/** Returns entries that follow one another from a position on. */
const entries = (from: number, count: number): LogEntry[] =>
  Array.from({ length: count }, (_, i) => new LogEntry(from + i * SIZE, Buffer.alloc(SIZE)));

const publish = (feed: LiveFeed, count: number): void =>
  feed.publish(entries(feed.head, count), feed.head + count * SIZE);

describe('the feed', () => {
  it('has nothing at its head and does not know what was before it began', () => {
    const feed = new LiveFeed(1000);
    expect(feed.entriesFrom(1000, 10)).toEqual([]);
    expect(feed.entriesFrom(900, 10)).toBeUndefined();
  });

  it('gives what follows a position, a page at a time', () => {
    const feed = new LiveFeed(1000);
    publish(feed, 5);
    expect(feed.entriesFrom(1200, 2)?.map((entry) => entry.position)).toEqual([1200, 1300]);
    expect(feed.entriesFrom(1500, 2)).toEqual([]);
  });

  it('forgets the oldest, and says so to readers that want them', () => {
    const feed = new LiveFeed(1000);
    for (let i = 0; i < 100; i += 1) publish(feed, 100);
    const oldestKept = feed.head - 4096 * SIZE;
    expect(feed.entriesFrom(oldestKept, 1)?.[0]?.position).toBe(oldestKept);
    expect(feed.entriesFrom(oldestKept - SIZE, 1)).toBeUndefined();
  });

  it('holds none of those it has forgotten for their size', async () => {
    const size = 3 * 1024 * 1024;
    const feed = new LiveFeed(0);
    const published = Array.from({ length: 20 }, () => {
      const entry = new LogEntry(feed.head, Buffer.alloc(size));
      feed.publish([entry], feed.head + size);
      return new WeakRef(entry);
    });
    await vi.waitFor(() => {
      collectGarbage();
      expect(published.filter((each) => each.deref())).toHaveLength(2);
    });
    expect(feed.entriesFrom(feed.head - 2 * size, 10)).toHaveLength(2);
  });

  it('wakes those who wait when something is published or they give up', async () => {
    const feed = new LiveFeed(1000);
    const controller = new AbortController();
    const published = feed.whenChanged(new AbortController().signal);
    publish(feed, 1);
    await published;
    const givenUp = feed.whenChanged(controller.signal);
    controller.abort();
    await givenUp;
  });
});
