import { describe, expect, it } from 'vitest';
import { boundNeighbours, brokenOrder } from './check-send-order.js';
import { LogIndex } from './log-index.js';
import type { BotHistory, Logged, Step } from './history.js';

const ROOM = { channel: 'red', body: '' };
const SEQS: Readonly<Record<string, number>> = { b: 0, a: 1 };

/** A log that has b before a, whichever was sent first. */
const log = new LogIndex(
  Object.entries(SEQS).map(([id, seq]): Logged => ({ ...ROOM, bot: 'ada', id, seq, at: seq })),
);

const sends = (id: string, sending: number): Step => ({ type: 'posting', sending, id, ...ROOM });
const sendsAside = (id: string, sending: number): Step => ({
  type: 'posting',
  sending,
  id,
  ...ROOM,
  aside: true,
});
const hears = (id: string, sending: number, duplicate: boolean): Step => {
  return { type: 'answered', sending, id, channel: 'red', seq: SEQS[id]!, at: 0, sentAt: 0, duplicate };
};
const stored = (id: string, sending: number): Step => hears(id, sending, false);
const wasStored = (id: string, sending: number): Step => hears(id, sending, true);
const putOff = (id: string, sending: number): Step => ({ type: 'put-off', sending, id, code: 'away' });
const connects: Step = { type: 'connected', cursors: {} };

const historyOf = (steps: readonly Step[]): BotHistory => ({
  bot: 'ada',
  resumes: 'map',
  memberSince: { red: -1 },
  steps: [connects, ...steps],
});

const isBroken = (refusalsGetLost: boolean, ...steps: Step[]): boolean =>
  brokenOrder(historyOf(steps), log, { refusalsGetLost }).length > 0;

/** Whether the order is broken, no matter whether refusals can get lost. */
const isBrokenEver = (...steps: Step[]): boolean => isBroken(true, ...steps) && isBroken(false, ...steps);
const isBrokenNever = (...steps: Step[]): boolean => !isBroken(true, ...steps) && !isBroken(false, ...steps);

describe('for two messages in the log in the wrong order,', () => {
  it('the order is broken when the later one was accepted after the earlier one', () => {
    expect(isBrokenEver(sends('a', 1), sends('b', 2), stored('b', 2), stored('a', 1))).toBe(true);
  });

  it('the order is broken when the later one was answered and the earlier one was lost but never put off', () => {
    const again = [connects, sends('a', 3), stored('a', 3)];
    expect(isBrokenEver(sends('a', 1), sends('b', 2), stored('b', 2), ...again)).toBe(true);
  });

  it('the order is broken when the earlier one was known to be stored before the later one was sent at all', () => {
    expect(isBrokenEver(sendsAside('a', 1), stored('a', 1), sendsAside('b', 2), stored('b', 2))).toBe(true);
  });

  it('the order is not broken when the earlier one was put off', () => {
    const again = [sends('a', 3), stored('a', 3)];
    expect(isBrokenNever(sends('a', 1), sends('b', 2), putOff('a', 1), stored('b', 2), ...again)).toBe(true);
  });

  it('the order is broken when the earlier one was put off, then sent again and accepted before the later one', () => {
    const first = [sends('a', 1), putOff('a', 1)];
    expect(isBrokenEver(...first, sends('a', 2), sends('b', 3), stored('b', 3), stored('a', 2))).toBe(true);
  });

  it('the order is broken when both were lost, unless a refusal may have been lost', () => {
    const again = [sends('a', 3), sends('b', 4), stored('a', 3), wasStored('b', 4)];
    const steps = [sends('a', 1), sends('b', 2), connects, ...again];
    expect(isBroken(true, ...steps)).toBe(false);
    expect(isBroken(false, ...steps)).toBe(true);
  });

  it('the order is not broken when the later one went on a connection that never carried the earlier one', () => {
    expect(isBrokenNever(sends('a', 1), connects, sends('b', 2), stored('b', 2), sends('a', 3))).toBe(true);
  });

  it('the order is not broken when the later one went aside, unless that sending was answered as a duplicate', () => {
    const both = [sends('a', 1), sends('b', 2), sendsAside('b', 3)];
    expect(isBrokenNever(...both, stored('b', 3), wasStored('b', 2), stored('a', 1))).toBe(true);
    expect(isBrokenEver(...both, stored('b', 2), wasStored('b', 3), stored('a', 1))).toBe(true);
  });
});

it('neighbours in the log are bound if swapping them would be found', () => {
  const steps = [sends('b', 1), sends('a', 2), stored('b', 1), stored('a', 2)];
  expect(boundNeighbours([historyOf(steps)], log, {})).toEqual({ bound: 1, all: 1 });
  const lost = [sends('b', 1), sends('a', 2), connects, sends('b', 3), sends('a', 4)];
  expect(boundNeighbours([historyOf(lost)], log, { refusalsGetLost: true })).toEqual({ bound: 0, all: 1 });
});
