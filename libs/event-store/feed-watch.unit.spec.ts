import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { positionedEvent } from '../../test/support/positioned-event.js';
import { FeedWatch } from './feed-watch.js';
import { positionOf } from './position.js';
import type { PositionedEvent } from './recorded-event.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const at = (number: number) => positionOf(BigInt(number), BigInt(number))!;

const pass = (): Promise<unknown> => vi.advanceTimersByTimeAsync(5_000);

const setUp = () => {
  const log: PositionedEvent[] = [];
  const state = { hangs: false, reads: 0 };
  const feed = {
    position: at(0),
    handled: 0,
    state: 'connected' as 'connected' | 'reconnecting',
    brings: ({ stream }: { stream: string }) => stream.startsWith('messages-'),
  };
  const watch = new FeedWatch(
    {
      readAll: async function* () {
        state.reads += 1;
        if (state.hangs) await new Promise(() => undefined);
        yield* log;
      },
    },
    feed,
  );
  watch.start();
  const append = (stream: string): void => void log.push(positionedEvent(stream, log.length + 1));
  const bring = (): void => {
    feed.position = at(log.length);
    feed.handled += 1;
  };
  return { feed, state, watch, append, bring };
};

describe('the watch over the log feed', () => {
  it('reports nothing while the log has no further event for the feed, whatever else is in it', async () => {
    const { watch, append } = setUp();
    append('other-a');
    await pass();
    expect(watch.marks()).toEqual({ waiting: 0, done: 0 });
  });

  it('notices that an event was not delivered, and when it is', async () => {
    const { watch, append, bring } = setUp();
    append('messages-a');
    await pass();
    expect(watch.marks()).toEqual({ waiting: 1, done: 0 });
    bring();
    await pass();
    expect(watch.marks()).toEqual({ waiting: 0, done: 1 });
  });

  it('counts a store that does not answer as one that should have delivered something', async () => {
    const { watch, state } = setUp();
    state.hangs = true;
    await pass();
    expect(watch.marks().waiting).toBe(1);
    state.hangs = false;
    await pass();
    expect(watch.marks().waiting).toBe(0);
  });

  it('does not look while the feed moves, or reports itself that the store is away', async () => {
    const { watch, feed, state, append, bring } = setUp();
    feed.state = 'reconnecting';
    append('messages-a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect([state.reads, watch.marks().waiting]).toEqual([0, 0]);
    feed.state = 'connected';
    for (let n = 0; n < 5; n += 1) {
      append('messages-a');
      bring();
      await vi.advanceTimersByTimeAsync(2_000);
    }
    expect(state.reads).toBe(0);
  });
});
