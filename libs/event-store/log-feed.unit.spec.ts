import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at, positionedEvent } from '#test/support/positioned-event.js';
import { storedFormOf } from '#test/support/stored-event.js';
import { StoreUnavailable } from './event-store.errors.js';
import { LogFeed } from './log-feed.js';
import { LOG_START, comparePositions } from './position.js';
import type { PositionedEvent } from './recorded-event.js';
import type { SubscribeToAll } from './subscription/log-subscription.js';

const fail = (): never => {
  throw new Error('a bug');
};

/** Sets up a store with the events `log`. The spec decides what the subscription brings. */
const setUp = (log: PositionedEvent[] = []) => {
  let options!: SubscribeToAll;
  let closed = false;
  const feed = new LogFeed({
    subscribeToAll: (given) => {
      options = given;
      return { close: async () => void (closed = true) };
    },
    readAll: async function* () {
      yield* log.toReversed();
    },
  });
  const bring = (one: PositionedEvent): void => {
    void options.onEvent(one, storedFormOf(one));
    options.onProgress?.(one.position);
  };
  return { feed, bring, options: () => options, isClosed: () => closed };
};

describe('the feed of the log', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks only for event types when every listener names its own', () => {
    const { feed, bring, options } = setUp();
    const seen: string[] = [];
    const note = ({ stream, type }: PositionedEvent): void => void seen.push(`${stream} ${type}`);
    feed.listen({ prefixes: ['messages-'], types: ['Redacted'], onEvent: note });
    feed.listen({ prefixes: ['presence-'], types: ['Connected', 'Redacted'], onEvent: note });
    feed.start('start');
    expect(options().eventTypes).toEqual(['Redacted', 'Connected']);
    bring({ ...positionedEvent('messages-a', 1), type: 'Redacted' });
    bring({ ...positionedEvent('messages-a', 2), type: 'Connected' });
    bring({ ...positionedEvent('presence-a', 3), type: 'Connected' });
    expect(seen).toEqual(['messages-a Redacted', 'presence-a Connected']);
  });

  it('asks for streams when one listener wants all their events', () => {
    const { feed, bring, options } = setUp();
    const seen: string[] = [];
    feed.listen({ prefixes: ['messages-'], types: ['Redacted'], onEvent: () => void seen.push('one') });
    feed.listen({ prefixes: ['messages-'], onEvent: () => void seen.push('all') });
    feed.start('start');
    expect(options()).toMatchObject({ streamPrefixes: ['messages-'] });
    expect(options().eventTypes).toBeUndefined();
    bring({ ...positionedEvent('messages-a', 1), type: 'Posted' });
    expect(seen).toEqual(['all']);
  });

  it('subscribes once for all listeners and gives each its events, in the order of registration', () => {
    const { feed, bring, options } = setUp();
    const seen: string[] = [];
    feed.listen({
      prefixes: ['bot-', 'channel-'],
      onEvent: ({ stream }) => void seen.push(`first ${stream}`),
    });
    feed.listen({
      prefixes: ['channel-', 'messages-'],
      onEvent: ({ stream }) => void seen.push(`second ${stream}`),
    });
    feed.start('start');
    expect(options()).toMatchObject({ from: 'start', streamPrefixes: ['bot-', 'channel-', 'messages-'] });
    bring(positionedEvent('bot-a', 1));
    bring(positionedEvent('channel-c', 2));
    bring(positionedEvent('messages-c', 3));
    expect(seen).toEqual(['first bot-a', 'first channel-c', 'second channel-c', 'second messages-c']);
    expect([feed.handled, feed.position]).toEqual([3, at(3)]);
  });

  it('accepts no listener once it has started', () => {
    const { feed } = setUp();
    feed.start('start');
    expect(() => feed.listen({ prefixes: ['x-'], onEvent: () => undefined })).toThrow(
      'before the feed starts',
    );
  });

  it('lets callers wait until a position has been handled', async () => {
    const { feed, bring } = setUp();
    feed.start('start');
    let reached = false;
    const waiting = feed.reached(at(5), 1_000).then(() => (reached = true));
    bring(positionedEvent('bot-a', 4));
    await vi.advanceTimersByTimeAsync(0);
    expect(reached).toBe(false);
    bring(positionedEvent('bot-a', 6));
    await waiting;
    await feed.reached(at(6), 0);
  });

  it('refuses them after their time, and at once when it is closed', async () => {
    const { feed, isClosed } = setUp([positionedEvent('bot-a', 9)]);
    feed.listen({ prefixes: ['bot-'], onEvent: () => undefined });
    feed.start('start');
    const late = expect(feed.reached(at(5), 1_000)).rejects.toThrow(StoreUnavailable);
    await vi.advanceTimersByTimeAsync(1_000);
    await late;
    const cut = expect(feed.reached(at(5), 60_000)).rejects.toThrow(StoreUnavailable);
    await feed.close();
    await cut;
    expect(isClosed()).toBe(true);
    await expect(feed.reached(at(5), 60_000)).rejects.toThrow(StoreUnavailable);
    await expect(feed.caughtUp).rejects.toThrow(StoreUnavailable);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has caught up when the store says so', async () => {
    const { feed, options } = setUp([positionedEvent('bot-a', 9)]);
    const told: string[] = [];
    feed.listen({
      prefixes: ['bot-'],
      onEvent: () => undefined,
      onCaughtUp: () => void told.push('caught up'),
    });
    feed.start('start');
    options().onCaughtUp?.();
    options().onCaughtUp?.();
    await feed.caughtUp;
    expect(told).toEqual(['caught up']);
  });

  it('has caught up with a store that never says so when its last event has been handled', async () => {
    const { feed, bring } = setUp([
      positionedEvent('bot-a', 3),
      positionedEvent('bot-a', 9),
      positionedEvent('other-x', 12),
    ]);
    feed.listen({ prefixes: ['bot-'], onEvent: () => undefined });
    feed.start('start');
    bring(positionedEvent('bot-a', 3));
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.isCaughtUp).toBe(false);
    bring(positionedEvent('bot-a', 9));
    await feed.caughtUp;
  });

  it('has caught up at once with a log that holds nothing for it', async () => {
    const { feed } = setUp([positionedEvent('other-x', 12)]);
    feed.listen({ prefixes: ['bot-'], onEvent: () => undefined });
    feed.start('start');
    await feed.caughtUp;
    expect(comparePositions(feed.position, LOG_START)).toBe(0);
  });

  it('reports when the store goes away and comes back', () => {
    const { feed, options } = setUp();
    const states: string[] = [];
    feed.onStateChange((state) => void states.push(state));
    feed.start('start');
    expect(feed.state).toBe('reconnecting');
    options().onConnectionChange?.('connected');
    expect(feed.state).toBe('connected');
    options().onConnectionChange?.('reconnecting');
    expect(states).toEqual(['connected', 'reconnecting']);
  });

  it('gives waiting and later callers the reason why it stopped', async () => {
    const { feed, options } = setUp();
    const failures: Error[] = [];
    feed.onFailure((error) => void failures.push(error));
    feed.start('start');
    const waiting = expect(feed.reached(at(5), 1_000)).rejects.toThrow('a bug');
    options().onFailure?.(new Error('a bug'));
    await waiting;
    await expect(feed.reached(at(5), 1_000)).rejects.toThrow('a bug');
    await expect(feed.caughtUp).rejects.toThrow('a bug');
    expect([failures, feed.failure]).toEqual([[new Error('a bug')], new Error('a bug')]);
  });

  it('gives an event again to a listener that threw, but not to those before it, and goes on', async () => {
    const { feed, bring, options } = setUp();
    const seen: string[] = [];
    let faults = 1;
    feed.listen({ prefixes: ['messages-'], onEvent: ({ revision }) => void seen.push(`first ${revision}`) });
    feed.listen({
      prefixes: ['messages-'],
      onEvent: ({ revision }) => {
        if (revision === 1 && (faults -= 1) >= 0) throw new Error('a bug');
        seen.push(`second ${revision}`);
      },
    });
    const states: string[] = [];
    feed.onStateChange((state) => void states.push(state));
    feed.start('start');
    const events = [0, 1, 2].map((n) => ({
      ...positionedEvent('messages-a', n + 1),
      revision: n,
    }));
    bring(events[0]!);
    expect(() => bring(events[1]!)).toThrow('a bug');
    options().onFailure?.(new Error('a bug'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(options().from).toEqual(events[0]!.position);
    bring(events[1]!);
    bring(events[2]!);
    expect(seen).toEqual(['first 0', 'second 0', 'first 1', 'second 1', 'first 2', 'second 2']);
    expect([feed.failure, states]).toEqual([undefined, []]);
  });

  it('stops for good when a listener keeps throwing at one event', async () => {
    const { feed, bring, options } = setUp();
    feed.listen({
      prefixes: ['messages-'],
      onEvent: () => {
        throw new Error('a bug');
      },
    });
    feed.start('start');
    for (let tries = 1; tries <= 5; tries += 1) {
      expect(feed.failure).toBeUndefined();
      expect(() => bring(positionedEvent('messages-a', 1))).toThrow('a bug');
      options().onFailure?.(new Error('a bug'));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(feed.failure).toEqual(new Error('a bug'));
  });

  it('tells its other observers although one of them throws', () => {
    const { feed, bring, options } = setUp();
    const told: string[] = [];
    feed.onStateChange(fail);
    feed.onStateChange((state) => void told.push(state));
    feed.onAdvance(fail);
    feed.onAdvance(() => void told.push('advance'));
    feed.start('start');
    options().onConnectionChange?.('connected');
    bring(positionedEvent('messages-a', 1));
    expect(told).toEqual(['connected', 'advance']);
  });

  it('says that it has caught up until it is heard', async () => {
    const { feed, options } = setUp();
    let tries = 0;
    const onCaughtUp = (): void => {
      tries += 1;
      if (tries < 3) throw new Error('a bug');
    };
    feed.listen({ prefixes: ['messages-'], onEvent: () => undefined, onCaughtUp });
    feed.start('start');
    options().onCaughtUp?.();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(tries).toBe(3);
  });
});
