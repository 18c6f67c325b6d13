import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Strangers } from './strangers.js';
import type { Stranger } from './strangers.js';

const LIMITS = { inAll: 6, each: 3, graceMs: 1_000, replaceMs: 100 };

const scene = () => {
  let now = 0;
  const ended: string[] = [];
  const strangers = new Strangers(LIMITS, () => now);
  const named = (name: string): Stranger => ({ end: () => void ended.push(name) });
  return { strangers, ended, named, pass: (ms: number) => void (now += ms) };
};

it('turns the newcomer away while all are new, but the oldest one once it has had its time', () => {
  const { strangers, ended, named, pass } = scene();
  for (const name of ['a1', 'a2', 'a3']) expect(strangers.arrive('a', named(name))).toBe(true);
  expect(strangers.arrive('a', named('a4'))).toBe(false);
  pass(1_001);
  expect(strangers.arrive('a', named('a5'))).toBe(true);
  expect(ended).toEqual(['a1']);
});

it('makes room for one address at the cost of the one that has the most', () => {
  const { strangers, ended, named, pass } = scene();
  for (const name of ['a1', 'a2', 'a3']) strangers.arrive('a', named(name));
  for (const name of ['b1', 'b2', 'c1']) strangers.arrive(name[0]!, named(name));
  pass(1_001);
  expect(strangers.arrive('d', named('d1'))).toBe(true);
  expect(ended).toEqual(['a1']);
});

it('lets an address that is full in again only every now and then, and others at once', () => {
  const { strangers, ended, named, pass } = scene();
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) strangers.arrive(name[0]!, named(name));
  pass(1_001);
  expect(strangers.arrive('a', named('a4'))).toBe(true);
  expect(strangers.arrive('a', named('a5'))).toBe(false);
  expect(strangers.arrive('d', named('d1'))).toBe(true);
  expect(strangers.arrive('c', named('c2'))).toBe(true);
  expect(ended).toEqual(['a1', 'a2', 'a3']);
  pass(100);
  expect(strangers.arrive('c', named('c3'))).toBe(true);
  expect(strangers.arrive('c', named('c4'))).toBe(false);
});

it('holds no more than its limits, in total and for an address, and forgets those that have left', () => {
  const step = fc.record({
    address: fc.constantFrom('a', 'b', 'c', 'd'),
    leaves: fc.boolean(),
    wait: fc.nat(800),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { strangers, pass } = scene();
      const here = new Map<Stranger, string>();
      for (const { address, leaves, wait } of steps) {
        pass(wait);
        const [first] = here.keys();
        if (leaves && first) {
          strangers.leave(first);
          here.delete(first);
        }
        const one: Stranger = { end: () => void here.delete(one) };
        if (strangers.arrive(address, one)) here.set(one, address);
        expect(strangers.count).toBe(here.size);
        expect(here.size).toBeLessThanOrEqual(LIMITS.inAll);
        const ofAddress = [...here.values()].filter((from) => from === address);
        expect(ofAddress.length).toBeLessThanOrEqual(LIMITS.each);
      }
    }),
  );
});
