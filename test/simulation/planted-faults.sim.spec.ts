import { describe, expect, it } from 'vitest';
import { sequence } from '#test/support/sequence.js';
import type { Rule } from '#tools/harness/checker/history.js';
import { playHistory } from './play-history.js';
import type { Frame, Meddle } from './simulated-connection.js';

type Fault = (first: Frame, second: Frame) => readonly Frame[];

/**
 * Plants a fault in two messages of one channel that a client is given one after the other. It does so once in a
 * history, from the eighth message on.
 */
const planting = (fault: Fault) => {
  const state = { given: 0, done: false };
  const meddleWith = (): Meddle => {
    let held: Frame | undefined;
    return (frame) => {
      const waiting = held;
      held = undefined;
      if (state.done || frame.event !== 'message') return waiting ? [waiting, frame] : [frame];
      if (waiting && channelOf(waiting) === channelOf(frame)) {
        state.done = true;
        return fault(waiting, frame);
      }
      state.given += 1;
      if (state.given < 8) return [frame];
      held = frame;
      return waiting ? [waiting] : [];
    };
  };
  return { state, meddleWith };
};

const channelOf = ({ payload }: Frame): string => (payload as { channel: string }).channel;

const dropped: Fault = (_first, second) => [second];
const repeated: Fault = (first, second) => [first, first, second];
const swapped: Fault = (first, second) => [second, first];

/** Tells the client that a message is gone instead of giving it. */
const deniedInstead: Fault = (first, second) => {
  const { channel, seq } = first.payload as { channel: string; seq: number };
  return [{ event: 'truncated', payload: { channel, from: seq, to: seq, reason: 'retention' } }, second];
};

type Span = { from: number; to: number };

/** Changes, once in a history, which messages are said to be gone. */
const misstating = (misstate: (span: Span) => Partial<Span>) => {
  const state = { done: false };
  const meddleWith = (): Meddle => (frame) => {
    if (state.done || frame.event !== 'truncated') return [frame];
    state.done = true;
    const span = frame.payload as Span;
    return [{ ...frame, payload: { ...span, ...misstate(span) } }];
  };
  return { state, meddleWith };
};

const seeds = sequence(1, 30);

describe('the checker finds', () => {
  it.each<[string, Fault, Rule]>([
    ['a message that was dropped', dropped, 'gap'],
    ['a message that came twice', repeated, 'repeat'],
    ['two messages that were swapped', swapped, 'out of order'],
  ])('%s, in every history in which it happened', async (_what, fault, rule) => {
    let planted = 0;
    for (const seed of seeds) {
      const { state, meddleWith } = planting(fault);
      const { violations } = await playHistory(seed, { meddleWith });
      if (!state.done) continue;
      planted += 1;
      expect(
        violations.map((violation) => violation.rule),
        `seed ${seed}`,
      ).toContain(rule);
    }
    expect(planted).toBeGreaterThan(seeds.length / 2);
  });

  it.each<[string, (span: Span) => Partial<Span>]>([
    ['begins one early', ({ from }) => ({ from: from - 1 })],
    ['begins one late', ({ from }) => ({ from: from + 1 })],
    ['ends one early', ({ to }) => ({ to: to - 1 })],
    ['ends one late', ({ to }) => ({ to: to + 1 })],
  ])('a `truncated` that %s, in every history in which it happened', async (_what, misstate) => {
    let planted = 0;
    for (const seed of seeds) {
      const { state, meddleWith } = misstating(misstate);
      const { violations } = await playHistory(seed, { meddleWith });
      if (!state.done) continue;
      planted += 1;
      expect(violations, `seed ${seed}`).not.toEqual([]);
    }
    expect(planted).toBeGreaterThan(3);
  });

  it('a message that is said to be gone although it is there', async () => {
    let found = 0;
    for (const seed of seeds) {
      const { violations } = await playHistory(seed, planting(deniedInstead));
      // If retention happens to hide the message at that time, the statement was true.
      if (violations.some(({ rule }) => rule === 'said to be gone though it was there')) found += 1;
    }
    expect(found).toBeGreaterThan(seeds.length / 3);
  });

  it('posts that overtook each other on the way', async () => {
    let found = 0;
    for (const seed of seeds) {
      const { violations } = await playHistory(seed, { requestsOvertake: true });
      if (violations.some(({ rule }) => rule === 'send order broken')) found += 1;
    }
    expect(found).toBeGreaterThan(seeds.length / 2);
  });

  it('acknowledgements that came before the sync', async () => {
    const found = new Map<Rule, number>();
    for (const seed of sequence(1, 60)) {
      const { violations } = await playHistory(seed, { answersBeforeSync: true });
      for (const rule of new Set(violations.map((one) => one.rule)))
        found.set(rule, (found.get(rule) ?? 0) + 1);
    }
    expect(found.get('acknowledged but not in the log')).toBeGreaterThan(0);
  });

  it('nothing in the same histories without a planted fault', async () => {
    for (const seed of seeds) expect((await playHistory(seed)).violations, `seed ${seed}`).toEqual([]);
  });

  it('the same violations when the same history is played again', async () => {
    expect(await playHistory(7, planting(dropped))).toEqual(await playHistory(7, planting(dropped)));
  });
});
