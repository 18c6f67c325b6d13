import fc from 'fast-check';
import { assert, describe, expect, it } from 'vitest';
import { STRATEGIES, type GroupSettings } from './group-settings.js';
import type { Effect, IncomingEvent } from './message.js';
import { SubscriptionGroup } from './subscription-group.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const RULES = {
  messageTimeout: 30_000,
  maxRetryCount: 2,
  checkpointAfter: 2000,
  minCheckpointCount: 1,
  maxCheckpointCount: 3,
  maxSubscriberCount: 0,
  bufferSize: 500,
  strategy: 'RoundRobin',
  extraStatistics: false,
} as const satisfies Partial<GroupSettings>;

const group = (rules: Partial<typeof RULES | GroupSettings> = {}, checkpoint?: number) =>
  new SubscriptionGroup<string>({ ...RULES, ...rules }, checkpoint);

const event = (position: number): IncomingEvent<string> => ({
  id: `id-${position}`,
  event: `event ${position}`,
  position,
  pin: `stream-${position % 4}`,
});
const events = (count: number, first = 0) => Array.from({ length: count }, (_, i) => event(first + i));
const ids = (...positions: number[]): string[] => positions.map((position) => `id-${position}`);

/** Writes effects in short: `1>a` for event 1 to consumer a, `1>a#2` for its third time, `park 1`, `checkpoint 1`. */
const short = (effects: readonly Effect<string>[]): string[] =>
  effects.map((effect) => {
    if (effect.kind === 'checkpoint') return `checkpoint ${effect.position}`;
    const { position, retries } = effect.message;
    if (effect.kind === 'park') return `park ${position}`;
    return `${position}>${effect.consumer}${retries > 0 ? `#${retries}` : ''}`;
  });

describe('sending', () => {
  it('waits for a consumer, and goes no further than the consumer has room', () => {
    const rules = group();
    expect(rules.takeEvents(events(4), 0)).toEqual([]);
    expect(short(rules.connect('a', 2, 0))).toEqual(['0>a', '1>a']);
    expect(short(rules.ack(ids(0), 0))).toEqual(['2>a']);
    expect(rules.counts).toEqual({ buffered: 1, retrying: 0, outstanding: 2 });
  });

  it('accepts a batch as long as it fits into the buffer with room to spare', () => {
    const rules = group({ bufferSize: 30 });
    expect(rules.canAccept(20)).toBe(true);
    rules.takeEvents(events(10), 0);
    expect(rules.canAccept(20)).toBe(false);
    expect(rules.canAccept(19)).toBe(true);
  });

  it('says when it has as many consumers as it may have', () => {
    const rules = group({ maxSubscriberCount: 1 });
    expect(rules.isFull).toBe(false);
    rules.connect('a', 1, 0);
    expect(rules.isFull).toBe(true);
    rules.disconnect('a', 0);
    expect(rules.isFull).toBe(false);
  });

  it('sends what a consumer had not answered to others when it leaves', () => {
    const rules = group();
    rules.connect('a', 3, 0);
    rules.takeEvents(events(3), 0);
    rules.ack(ids(1), 0);
    rules.connect('b', 3, 0);
    expect(short(rules.disconnect('a', 0))).toEqual(['0>b#1', '2>b#1']);
  });
});

describe('a message that is not acknowledged', () => {
  it('is retried in its old place when nacked with retry, and parked once it was sent often enough', () => {
    const rules = group();
    rules.connect('a', 1, 0);
    rules.takeEvents(events(2), 0);
    expect(short(rules.nack(ids(0), 'retry', '', 0))).toEqual(['0>a#1']);
    expect(short(rules.nack(ids(0), 'retry', '', 0))).toEqual(['0>a#2']);
    const effects = rules.nack(ids(0), 'retry', '', 0);
    expect(short(effects)).toEqual(['park 0', '1>a']);
    expect(effects[0]).toMatchObject({ reason: 'Reached retry count of 2' });
  });

  it('is parked when nacked with park, and finished only when it is on disk', () => {
    const rules = group({ maxCheckpointCount: 1 });
    rules.connect('a', 1, 0);
    rules.takeEvents(events(1), 0);
    const effects = rules.nack(ids(0), 'park', 'cannot read it', 0);
    expect(short(effects)).toEqual(['park 0']);
    expect(effects[0]).toMatchObject({ reason: "Client explicitly NAK'ed message.\ncannot read it" });
    expect(short(rules.tick(10_000))).toEqual([]);
    expect(short(rules.parked('id-0', 10_000))).toEqual(['checkpoint 0']);
  });

  it('is sent again when it could not be parked', () => {
    const rules = group();
    rules.connect('a', 1, 0);
    rules.takeEvents(events(1), 0);
    rules.nack(ids(0), 'park', '', 0);
    expect(short(rules.notParked('id-0', 0))).toEqual(['0>a']);
  });

  it.each(['skip', 'stop'] as const)('is given up when nacked with %s', (action) => {
    const rules = group({ maxCheckpointCount: 1 });
    rules.connect('a', 1, 0);
    rules.takeEvents(events(2), 0);
    expect(short(rules.nack(ids(0), action, '', 0))).toEqual(['checkpoint 0', '1>a']);
  });

  it('is retried after its time, not before', () => {
    const rules = group();
    rules.connect('a', 2, 0);
    rules.takeEvents(events(2), 1000);
    expect(short(rules.tick(30_999))).toEqual([]);
    expect(short(rules.tick(31_000))).toEqual(['0>a#1', '1>a#1']);
  });

  it('is not affected by answers for messages that were not sent', () => {
    const rules = group();
    rules.connect('a', 1, 0);
    rules.takeEvents(events(2), 0);
    expect(short(rules.nack(ids(7), 'park', '', 0))).toEqual([]);
    expect(short(rules.ack(ids(1), 0))).toEqual([]);
    expect(rules.counts.outstanding).toBe(1);
  });
});

describe('parked messages', () => {
  it('are sent after the messages to be retried, and do not affect the checkpoint', () => {
    const rules = group({ maxCheckpointCount: 2 });
    rules.connect('a', 1, 0);
    rules.takeEvents(events(2, 10), 0);
    expect(rules.replay([{ ...event(3), id: 'link' }], 0)).toEqual([]);
    expect(short(rules.nack(ids(10), 'retry', '', 0))).toEqual(['3>a']);
    expect(short(rules.ack(['link'], 0))).toEqual(['10>a#1']);
    expect(short(rules.ack(ids(10), 0))).toEqual(['11>a']);
    expect(short(rules.ack(ids(11), 0))).toEqual(['checkpoint 11']);
  });
});

describe('the checkpoint', () => {
  it('is taken at once after the most events, else after its time if there are the fewest', () => {
    const rules = group({ minCheckpointCount: 2, maxCheckpointCount: 3 });
    rules.connect('a', 9, 0);
    rules.takeEvents(events(9), 0);
    expect(short(rules.ack(ids(0, 1, 2), 0))).toEqual(['checkpoint 2']);
    expect(short(rules.ack(ids(3), 0))).toEqual([]);
    expect(short(rules.tick(5000))).toEqual([]);
    expect(short(rules.ack(ids(4), 0))).toEqual([]);
    expect(short(rules.tick(6000))).toEqual(['checkpoint 4']);
    expect(short(rules.tick(9000))).toEqual([]);
  });

  it('stays before what is not finished', () => {
    const rules = group();
    rules.connect('a', 9, 0);
    rules.takeEvents(events(9), 0);
    expect(short(rules.ack(ids(1, 2, 3, 4, 5), 0))).toEqual([]);
    expect(short(rules.ack(ids(0), 0))).toEqual(['checkpoint 5']);
  });

  it('moves past events the filter left out', () => {
    const rules = group();
    expect(short(rules.pass(40, 3, 0))).toEqual(['checkpoint 40']);
    rules.connect('a', 1, 0);
    rules.takeEvents(events(1, 50), 0);
    expect(short(rules.pass(90, 3, 0))).toEqual([]);
    expect(short(rules.ack(ids(50), 0))).toEqual(['checkpoint 90']);
  });

  it('continues from that of an earlier run', () => {
    const rules = group({ maxCheckpointCount: 1 }, 4);
    rules.connect('a', 9, 0);
    rules.takeEvents(events(2, 5), 0);
    expect(short(rules.ack(ids(6), 0))).toEqual([]);
    expect(short(rules.ack(ids(5), 0))).toEqual(['checkpoint 6']);
  });

  it('is taken by count alone when it has no time', () => {
    const rules = group({ checkpointAfter: 0 });
    rules.connect('a', 9, 0);
    rules.takeEvents(events(2), 0);
    rules.ack(ids(0, 1), 0);
    expect(short(rules.tick(1_000_000))).toEqual([]);
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    do: fc.constant('connect' as const),
    consumer: fc.nat(3),
    size: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ do: fc.constant('disconnect' as const), consumer: fc.nat(3) }),
  fc.record({
    do: fc.constantFrom('ack' as const, 'retry' as const, 'park' as const, 'skip' as const),
    pick: fc.nat(20),
  }),
  fc.record({ do: fc.constantFrom('parked' as const, 'notParked' as const), pick: fc.nat(5) }),
  fc.record({ do: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
);

/**
 * Keeps the consumers' side apart from the rules: what they were sent, what is done, and what must hold. `assert` costs a
 * fraction of `expect`, and there are millions of these checks.
 */
class Witness {
  readonly done = new Set<number>();
  readonly parking: number[] = [];
  /** Unanswered messages of each consumer. */
  readonly held = new Map<string, { size: number; positions: Set<number> }>();
  now = 0;
  private readonly sentAt = new Map<number, number>();
  private checkpoint = -1;
  private newest = -1;

  see(effects: readonly Effect<string>[], inOrder: boolean): void {
    for (const effect of effects) {
      if (effect.kind === 'checkpoint') {
        assert(effect.position > this.checkpoint, `checkpoint ${effect.position} does not go forward`);
        for (; this.checkpoint < effect.position; this.checkpoint += 1)
          assert(this.done.has(this.checkpoint + 1), `checkpoint ${effect.position} passes what is not done`);
        continue;
      }
      const { position, retries } = effect.message;
      this.letGo(position);
      if (effect.kind === 'park') {
        this.parking.push(position);
        continue;
      }
      assert(!this.done.has(position), `${position} is sent although it is done`);
      const consumer = this.held.get(effect.consumer)!;
      consumer.positions.add(position);
      this.sentAt.set(position, this.now);
      assert(consumer.positions.size <= consumer.size, `${effect.consumer} has no room for ${position}`);
      if (inOrder && retries === 0 && position > this.newest) {
        assert(position === this.newest + 1, `${position} is sent before those between`);
        this.newest = position;
      }
    }
  }

  get unanswered(): number[] {
    return [...this.held.values()].flatMap(({ positions }) => [...positions]);
  }

  /** A message that was not answered in time belongs to nobody any more. */
  tick(ms: number): void {
    this.now += ms;
    for (const [position, sentAt] of this.sentAt)
      if (sentAt + RULES.messageTimeout <= this.now) this.letGo(position);
  }

  letGo(position: number): void {
    for (const { positions } of this.held.values()) positions.delete(position);
  }
}

describe('whatever happens in whatever order', () => {
  it.each(STRATEGIES)(
    'nothing is lost, finished twice, sent to a full consumer or passed by a checkpoint: %s',
    (strategy) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const rules = group({ strategy });
          const witness = new Witness();
          const inOrder = strategy !== 'Pinned';
          const see = (effects: readonly Effect<string>[]): void => witness.see(effects, inOrder);
          let taken = 0;
          const answer = (kind: 'ack' | 'retry' | 'park' | 'skip', position: number): void => {
            witness.letGo(position);
            if (kind === 'ack' || kind === 'skip') witness.done.add(position);
            see(
              kind === 'ack'
                ? rules.ack(ids(position), witness.now)
                : rules.nack(ids(position), kind, '', witness.now),
            );
          };
          const park = (index: number, succeeds: boolean): void => {
            const [position] = witness.parking.splice(index, 1);
            if (succeeds) witness.done.add(position!);
            const id = `id-${position}`;
            see(succeeds ? rules.parked(id, witness.now) : rules.notParked(id, witness.now));
          };
          for (const action of steps) {
            if (action.do === 'take') {
              see(rules.takeEvents(events(action.count, taken), witness.now));
              taken += action.count;
            } else if (action.do === 'connect') {
              const consumer = `c${action.consumer}`;
              if (witness.held.has(consumer)) continue;
              witness.held.set(consumer, { size: action.size, positions: new Set() });
              see(rules.connect(consumer, action.size, witness.now));
            } else if (action.do === 'disconnect') {
              witness.held.delete(`c${action.consumer}`);
              see(rules.disconnect(`c${action.consumer}`, witness.now));
            } else if (action.do === 'tick') {
              witness.tick(action.ms);
              see(rules.tick(witness.now));
            } else if (action.do === 'parked' || action.do === 'notParked') {
              if (witness.parking.length > 0)
                park(action.pick % witness.parking.length, action.do === 'parked');
            } else if (witness.unanswered.length > 0)
              answer(action.do, witness.unanswered[action.pick % witness.unanswered.length]!);
          }
          // In the end one consumer finishes everything that is left.
          witness.held.set('last', { size: 1, positions: new Set() });
          see(rules.connect('last', 1, witness.now));
          while (witness.unanswered.length > 0 || witness.parking.length > 0) {
            if (witness.parking.length > 0) park(0, true);
            else answer('ack', witness.unanswered[0]!);
          }
          expect(witness.done.size).toBe(taken);
          expect(rules.counts).toEqual({ buffered: 0, retrying: 0, outstanding: 0 });
        }),
        { numRuns: propertyRuns(10_000) },
      );
    },
    propertyRuns(120_000), // so many histories take a slow machine a while
  );
});
