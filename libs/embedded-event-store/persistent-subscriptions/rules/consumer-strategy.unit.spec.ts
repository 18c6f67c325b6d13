import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consumerStrategy, type Choice, type Room } from './consumer-strategy.js';
import { STRATEGIES, type StrategyName } from './group-settings.js';

const name = (choice: Choice): string => (typeof choice === 'string' ? choice : choice.consumer);
const plenty: Room = () => 10;

const of = (strategy: StrategyName, ...consumers: string[]) => {
  const made = consumerStrategy(strategy);
  for (const consumer of consumers) made.addConsumer(consumer);
  return made;
};
const choose = (strategy: ReturnType<typeof of>, count: number, room = plenty, pin = 'x'): string =>
  Array.from({ length: count }, () => name(strategy.choose(pin, room))).join(' ');

describe('round robin', () => {
  it('goes from one to the next, skipping those without room', () => {
    expect(choose(of('RoundRobin', 'a', 'b', 'c'), 5)).toBe('a b c a b');
    expect(choose(of('RoundRobin', 'a', 'b', 'c'), 3, (consumer) => (consumer === 'b' ? 0 : 1))).toBe(
      'a c a',
    );
  });

  it('keeps the turn when somebody leaves', () => {
    const strategy = of('RoundRobin', 'a', 'b', 'c');
    expect(choose(strategy, 1)).toBe('a');
    strategy.remove('b');
    expect(choose(strategy, 3)).toBe('c a c');
  });
});

describe('dispatch to single', () => {
  it('stays with one until it has no room', () => {
    expect(choose(of('DispatchToSingle', 'a', 'b'), 3)).toBe('a a a');
    const left = new Map([
      ['a', 2],
      ['b', 9],
    ]);
    const strategy = of('DispatchToSingle', 'a', 'b');
    const sent = Array.from({ length: 4 }, () => {
      const consumer = name(strategy.choose('x', (id) => left.get(id)!));
      left.set(consumer, left.get(consumer)! - 1);
      return consumer;
    });
    expect(sent).toEqual(['a', 'a', 'b', 'b']);
  });
});

describe('pinned', () => {
  const pins = Array.from({ length: 200 }, (_, i) => `stream-${i}`);
  const owners = (strategy: ReturnType<typeof of>): string[] =>
    pins.map((pin) => name(strategy.choose(pin, plenty)));

  it('sends a stream to the same consumer always, and shares the streams out evenly', () => {
    const strategy = of('Pinned', 'a', 'b');
    const first = owners(strategy);
    expect(owners(strategy)).toEqual(first);
    const ofA = first.filter((owner) => owner === 'a').length;
    expect(ofA).toBeGreaterThan(80);
    expect(ofA).toBeLessThan(120);
  });

  it('gives a new consumer its share and leaves the rest where it is', () => {
    const strategy = of('Pinned', 'a');
    owners(strategy);
    strategy.addConsumer('b');
    const after = owners(strategy);
    expect(after.filter((owner) => owner === 'b').length).toBeGreaterThan(70);
    expect(after).toContain('a');
  });

  it('hands over the streams of one that left', () => {
    const strategy = of('Pinned', 'a', 'b');
    const before = owners(strategy);
    strategy.remove('b');
    expect(owners(strategy)).toEqual(before.map(() => 'a'));
  });

  it('lets a stream wait for its own consumer while others go on', () => {
    const strategy = of('Pinned', 'a', 'b');
    const choices = pins.map((pin) => name(strategy.choose(pin, (consumer) => (consumer === 'a' ? 0 : 1))));
    expect(new Set(choices)).toEqual(new Set(['later', 'b']));
    expect(name(strategy.choose('x', () => 0))).toBe('full');
  });
});

it.each(STRATEGIES)('%s never chooses a consumer that is not there or has no room', (strategy) => {
  const change = fc.record({ consumer: fc.constantFrom('a', 'b', 'c'), pin: fc.string(), size: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 50 }), (changes) => {
      const made = consumerStrategy(strategy);
      const sizes = new Map<string, number>();
      for (const { consumer, pin, size } of changes) {
        if (sizes.delete(consumer)) made.remove(consumer);
        else {
          sizes.set(consumer, size);
          made.addConsumer(consumer);
        }
        const choice = made.choose(pin, (id) => sizes.get(id)!);
        if (typeof choice !== 'string') expect(sizes.get(choice.consumer)).toBeGreaterThan(0);
        if (choice === 'full') expect(Math.max(0, ...sizes.values())).toBe(0);
      }
    }),
  );
});
