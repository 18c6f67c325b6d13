import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, positionedEvent } from '#test/support/positioned-event.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { storedFormOf } from '#test/support/stored-event.js';
import { LOG_START, comparePositions } from '../position.js';
import type { LogListener } from '../log-feed.js';
import type { LogPosition } from '../position.js';
import type { PositionedEvent } from '../recorded-event.js';
import type { LogSubscription, SubscribeToAll } from '../subscription/log-subscription.js';
import { SetAsideEvents } from '../unreadable/set-aside-events.js';
import { SharedLog } from './shared-log.js';

/** A subscription of a server with the events `log`. Each step brings one event, or says that there is no more. */
class FakeSubscription implements LogSubscription {
  #position: LogPosition;
  #isTold = false;
  #busy: Promise<void> | undefined;
  isClosed = false;

  constructor(
    private readonly log: readonly PositionedEvent[],
    readonly options: SubscribeToAll,
  ) {
    this.#position = typeof options.from === 'object' ? options.from : LOG_START;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.#busy;
  }

  /** Returns whether there was anything to say. */
  step(): boolean {
    if (this.isClosed || this.#busy) return false;
    const next = this.log.find(({ position }) => comparePositions(position, this.#position) > 0);
    if (!next && this.#isTold) return false;
    if (!next) {
      this.#isTold = true;
      this.options.onCaughtUp?.();
      return true;
    }
    const wanted = this.options.streamPrefixes!.some((prefix) => next.stream.startsWith(prefix));
    const handled = wanted ? this.options.onEvent(next, storedFormOf(next)) : undefined;
    if (handled) this.#busy = this.#await(handled, next);
    else this.#handled(next);
    return true;
  }

  async #await(handled: Promise<void>, handed: PositionedEvent): Promise<void> {
    await handled;
    this.#handled(handed);
  }

  #handled({ position }: PositionedEvent): void {
    this.#busy = undefined;
    this.#position = position;
    if (!this.isClosed) this.options.onProgress?.(position);
  }
}

const PREFIXES = ['messages-', 'bot-'];

const notRead = (): never => {
  throw new Error('not read here');
};

/** Sets up a log, its feed, and a {@link SharedLog} over both. The spec decides who takes the next step. */
const setUp = (recentEvents: number) => {
  const log: PositionedEvent[] = [];
  const alone: FakeSubscription[] = [];
  const onState: ((state: 'connected' | 'reconnecting') => void)[] = [];
  const onAdvance: ((position: LogPosition) => void)[] = [];
  let listen!: LogListener['onEvent'];
  let fed = 0;
  let isUp = false;
  const shared = new SharedLog(
    {
      setAside: new SetAsideEvents(),
      subscribeToAll: (options) => {
        alone.push(new FakeSubscription(log, options));
        return alone.at(-1)!;
      },
      readAll: notRead,
      readStored: notRead,
      landmarkAt: notRead,
      landmarkOf: notRead,
      holds: notRead,
    },
    {
      listen: ({ onEvent }) => void (listen = onEvent),
      onAdvance: (listener) => void onAdvance.push(listener),
      onStateChange: (listener) => void onState.push(listener),
      onFailure: () => undefined,
    },
    recentEvents,
  );
  shared.bring(PREFIXES);
  const feed = (up: boolean): void => {
    isUp = up;
    for (const listener of onState) listener(up ? 'connected' : 'reconnecting');
  };
  const stepFeed = (): boolean => {
    const next = log[fed];
    if (!isUp || !next) return false;
    fed += 1;
    if (PREFIXES.some((prefix) => next.stream.startsWith(prefix))) listen(next, storedFormOf(next));
    for (const listener of onAdvance) listener(next.position);
    return true;
  };
  const append = (stream: string): void => void log.push(positionedEvent(stream, log.length + 1));
  const stepAlone = (): boolean => alone.map((each) => each.step()).includes(true);
  return {
    shared,
    log,
    alone,
    feed,
    stepFeed,
    stepAlone,
    append,
    open: () => alone.filter((a) => !a.isClosed),
  };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Makes a subscriber that records what it gets, and may ask for time. */
const subscriber = (streamPrefixes: readonly string[], from: SubscribeToAll['from'] = 'start') => {
  const got: bigint[] = [];
  const failures: Error[] = [];
  let progress: LogPosition = LOG_START;
  const waiting: (() => void)[] = [];
  const state = { slow: false, broken: false };
  const options: SubscribeToAll = {
    from,
    streamPrefixes,
    onEvent: ({ position }) => {
      if (state.broken) throw new Error('a bug');
      expect(waiting).toEqual([]);
      got.push(position.commit);
      if (state.slow) return new Promise((resolve) => void waiting.push(resolve));
    },
    onProgress: (position) => {
      expect(comparePositions(position, progress)).toBeGreaterThan(0);
      progress = position;
    },
    onFailure: (error) => void failures.push(error),
  };
  const release = (): void => waiting.splice(0).forEach((resolve) => resolve());
  return { got, failures, options, state, release, progress: () => progress };
};

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('messages-a', 'bot-a', 'other-a') },
    { weight: 6, arbitrary: fc.constant('feed' as const) },
    { weight: 4, arbitrary: fc.constant('alone' as const) },
    { weight: 3, arbitrary: fc.constant('level' as const) },
    { weight: 1, arbitrary: fc.constantFrom('up', 'down', 'slow', 'release') },
  ),
  { minLength: 20, maxLength: 150 },
);

describe('a log shared by subscribers', () => {
  it('gives each subscriber all that it wants, in order and once, whatever happens when', async () => {
    let sharedOnce = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 6 }), async (moves, recentEvents) => {
        const { shared, log, feed, stepFeed, stepAlone, append, open } = setUp(recentEvents);
        const all = [subscriber(['messages-', 'bot-']), subscriber(['messages-']), subscriber(['bot-'])];
        feed(true);
        for (const { options } of all) shared.subscribeToAll(options);
        for (const move of moves) {
          if (move === 'feed') stepFeed();
          else if (move === 'alone') stepAlone();
          else if (move === 'level') while (stepAlone()) await settled();
          else if (move === 'up' || move === 'down') feed(move === 'up');
          else if (move === 'slow') all[1]!.state.slow = true;
          else if (move === 'release') all[1]!.release();
          else append(move);
          await settled();
          if (open().length < all.length) sharedOnce += 1;
        }
        feed(true);
        all[1]!.state.slow = false;
        all[1]!.release();
        await settled();
        while ([stepFeed(), stepAlone()].includes(true)) await settled();
        for (const { got, options, progress } of all) {
          const wanted = log.filter(({ stream }) =>
            options.streamPrefixes!.some((p) => stream.startsWith(p)),
          );
          expect(got).toEqual(wanted.map(({ position }) => position.commit));
          expect(comparePositions(progress(), wanted.at(-1)?.position ?? LOG_START)).toBeGreaterThanOrEqual(
            0,
          );
        }
      }),
      { numRuns: propertyRuns(1_000) },
    );
    expect(sharedOnce).toBeGreaterThan(10_000);
  });

  it('reads once for all subscribers that have caught up', () => {
    const { shared, feed, stepFeed, stepAlone, append, open } = setUp(4);
    feed(true);
    append('messages-a');
    stepFeed();
    const one = subscriber(['messages-']);
    const other = subscriber(['messages-', 'bot-']);
    shared.subscribeToAll(one.options);
    shared.subscribeToAll(other.options);
    while (stepAlone());
    expect(open()).toEqual([]);
    append('messages-a');
    append('other-a');
    while (stepFeed());
    expect([one.got, other.got]).toEqual([
      [1n, 2n],
      [1n, 2n],
    ]);
    expect([one.progress(), other.progress()]).toEqual([at(3), at(3)]);
  });

  it('lets a subscriber that falls behind read by itself until it has caught up, and holds up nobody', async () => {
    const { shared, feed, stepFeed, stepAlone, append, open } = setUp(4);
    feed(true);
    append('messages-a');
    stepFeed();
    const slow = subscriber(['messages-']);
    const quick = subscriber(['messages-']);
    shared.subscribeToAll(slow.options);
    shared.subscribeToAll(quick.options);
    while (stepAlone());
    slow.state.slow = true;
    for (let n = 0; n < 6; n += 1) append('messages-a');
    while (stepFeed());
    expect([slow.got.length, quick.got.length]).toEqual([2, 7]);
    slow.state.slow = false;
    slow.release();
    await settled();
    expect(open()).toHaveLength(1);
    while (stepAlone());
    expect(open()).toEqual([]);
    expect(slow.got).toEqual(quick.got);
  });

  it('lets each subscriber find out by itself when the store is back', () => {
    const { shared, alone, feed, stepFeed, stepAlone, append, open } = setUp(4);
    feed(true);
    append('messages-a');
    stepFeed();
    const one = subscriber(['messages-']);
    shared.subscribeToAll(one.options);
    while (stepAlone());
    feed(false);
    expect(open()).toHaveLength(1);
    expect(alone.at(-1)!.options.from).toEqual(at(1));
  });

  it('reports a handler that throws, and hands it nothing more', () => {
    const { shared, feed, stepFeed, stepAlone, append } = setUp(4);
    feed(true);
    append('messages-a');
    stepFeed();
    const broken = subscriber(['messages-']);
    const sound = subscriber(['messages-']);
    shared.subscribeToAll(broken.options);
    shared.subscribeToAll(sound.options);
    while (stepAlone());
    broken.state.broken = true;
    append('messages-a');
    append('messages-a');
    while (stepFeed());
    expect(broken.failures).toEqual([new Error('a bug')]);
    expect([broken.got, sound.got]).toEqual([[1n], [1n, 2n, 3n]]);
  });

  it('delivers nothing once a subscription is closed, and closing waits for the current event', async () => {
    const { shared, feed, stepFeed, stepAlone, append } = setUp(4);
    feed(true);
    append('messages-a');
    stepFeed();
    const slow = subscriber(['messages-']);
    const subscription = shared.subscribeToAll(slow.options);
    while (stepAlone());
    slow.state.slow = true;
    append('messages-a');
    append('messages-a');
    while (stepFeed());
    let closed = false;
    const closing = subscription.close().then(() => (closed = true));
    await settled();
    expect(closed).toBe(false);
    slow.release();
    await closing;
    expect(slow.got).toEqual([1n, 2n]);
  });

  it.each([
    ['streams the feed does not bring', { streamPrefixes: ['messages-', 'keys-'] }],
    ['types', { streamPrefixes: ['messages-'], eventTypes: ['Noted'] }],
    ['everything', {}],
  ])('leaves a subscription to %s to the store', (_, filter) => {
    const { shared, alone } = setUp(4);
    const options: SubscribeToAll = { from: 'start', onEvent: () => undefined, ...filter };
    const subscription = shared.subscribeToAll(options);
    expect(subscription).toBe(alone[0]);
    expect(alone[0]!.options).toBe(options);
  });
});
