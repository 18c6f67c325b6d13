import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { collectGarbage } from '#test/support/collect-garbage.js';
import type { Message } from '#libs/protocol/message.js';
import { MessageRing } from './message-ring.js';

const message = (seq: number, body = 'x'): Message => ({
  id: `id-${seq}`,
  channel: 'ops',
  seq,
  kind: 'posted',
  bot: 'alice',
  body,
  at: '2026-01-01T00:00:00.000Z',
});
const ringOf = (from: number, until: number, messages: number, weight = 1_000_000): MessageRing => {
  const ring = new MessageRing(from - 1, { messages, weight });
  for (let seq = from; seq <= until; seq += 1) ring.push(message(seq));
  return ring;
};
const ALL = { messages: 1_000, weight: 1_000_000 };

describe('the ring', () => {
  it('refuses a message that leaves a gap or comes twice', () => {
    const ring = ringOf(5, 7, 10);
    expect(() => ring.push(message(9))).toThrow('message 9 came where 8 was due');
    expect(() => ring.push(message(7))).toThrow('message 7 came where 8 was due');
  });

  it('knows the head of a channel it holds nothing of', () => {
    const ring = new MessageRing(41, ALL);
    expect(ring.head).toBe(41);
    expect(ring.after(40, ALL)).toBeUndefined();
    expect(ring.get(41)).toBeUndefined();
  });

  it('keeps one message however heavy it is, and hands it over alone', () => {
    const ring = new MessageRing(-1, { messages: 10, weight: 300 });
    ring.push(message(0, 'x'.repeat(5_000)));
    expect(ring.after(-1, { messages: 10, weight: 300 })).toHaveLength(1);
    ring.push(message(1, 'x'.repeat(5_000)));
    expect(ring.get(0)).toBeUndefined();
    expect(ring.get(1)?.seq).toBe(1);
  });

  it('holds none of the messages it has dropped for their weight', async () => {
    const ring = new MessageRing(-1, { messages: 100, weight: 25_000 });
    const pushed = Array.from({ length: 50 }, (_, seq) => {
      const heavy = message(seq, 'x'.repeat(10_000));
      ring.push(heavy);
      return new WeakRef(heavy);
    });
    await vi.waitFor(() => {
      collectGarbage();
      expect(pushed.filter((each) => each.deref()).map((each) => each.deref()?.seq)).toEqual([48, 49]);
    });
  });

  it('holds exactly the newest messages, however many passed through', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(300), fc.integer({ min: 1, max: 40 }), (from, count, size) => {
        const last = from + count - 1;
        const ring = ringOf(from, last, size);
        const oldest = Math.max(from, last - size + 1);
        expect(ring.head).toBe(last);
        for (let seq = oldest; seq <= last; seq += 1) expect(ring.get(seq)?.seq).toBe(seq);
        expect(ring.get(oldest - 1)).toBeUndefined();
        const expected = count === 0 ? undefined : Math.min(count, size);
        expect(ring.after(oldest - 1, ALL)?.length).toBe(expected);
        if (count > size) expect(ring.after(oldest - 2, ALL)).toBeUndefined();
      }),
    );
  });
});
