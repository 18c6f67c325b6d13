import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '#libs/protocol/message.js';
import { MessageRing } from './message-ring.js';
import { RingBudget } from './ring-budget.js';

const message = (channel: string, seq: number, letters = 100): Message => ({
  id: `id-${seq}`,
  channel,
  seq,
  kind: 'posted',
  bot: 'alice',
  body: 'x'.repeat(letters),
  at: '2026-01-01T00:00:00.000Z',
});
const OF_RING = { messages: 10, weight: 5_000 };
const LIMIT = 12_000;

/** Builds rings by channel under one budget and puts each message into one of them. */
const setUp = () => {
  const rings = Array.from({ length: 6 }, () => new MessageRing(-1, OF_RING));
  const budget = new RingBudget(LIMIT);
  const put = (channel: number, letters?: number): void => {
    const ring = rings[channel]!;
    ring.push(message(`c${channel}`, ring.head + 1, letters));
    budget.noteUse(ring);
  };
  const together = (): number => rings.reduce((sum, { weight }) => sum + weight, 0);
  return { rings, put, together };
};

describe('the budget of all rings', () => {
  it('empties first the ring that was unused for longest, which still knows its head', () => {
    const { rings, put } = setUp();
    for (const channel of [0, 1, 0, 2]) put(channel, 4_000);
    expect(rings.map(({ weight }) => weight > 0).slice(0, 3)).toEqual([true, false, true]);
    expect(rings[1]!.head).toBe(0);
    expect(rings[1]!.after(-1, OF_RING)).toBeUndefined();
    put(1);
    expect(rings[1]!.after(0, OF_RING)?.map(({ seq }) => seq)).toEqual([1]);
  });

  it('is kept to, whatever comes where, and the newest message of all is always there', () => {
    const puts = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 6_000 })), { maxLength: 200 });
    fc.assert(
      fc.property(puts, (all) => {
        const { rings, put, together } = setUp();
        for (const [channel, letters] of all) {
          put(channel, letters);
          const ring = rings[channel]!;
          expect(ring.get(ring.head)).toBeDefined();
          expect(together()).toBeLessThanOrEqual(LIMIT);
        }
      }),
    );
  });
});
