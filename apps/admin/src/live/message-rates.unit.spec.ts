import { describe, expect, it } from 'vitest';
import { movedHeads, ratesOf } from './message-rates.js';

const heads = (of: Record<string, number>): Map<string, number> => new Map(Object.entries(of));

describe('message rates', () => {
  it('count the messages between two reads of the heads, and those of a new channel from its start', () => {
    const moved = movedHeads(heads({ a: 4, b: 7, c: -1 }), heads({ a: 6, b: 7, c: -1, d: 9 }));
    expect(ratesOf(moved, 1_000.4)).toEqual({
      overMs: 1_000,
      messages: 12,
      channels: [
        { channel: 'd', messages: 10 },
        { channel: 'a', messages: 2 },
      ],
    });
  });

  it('name a channel whose head went back as changed, and count nothing for it', () => {
    const moved = movedHeads(heads({ a: 4 }), heads({ a: 2 }));
    expect([...moved.keys()]).toEqual(['a']);
    expect(ratesOf(moved, 1_000)).toEqual({ overMs: 1_000, messages: 0, channels: [] });
  });

  it('name the fifty busiest and count all', () => {
    const many = new Map(Array.from({ length: 60 }, (_, index) => [`c${index}`, index + 1] as const));
    const { messages, channels } = ratesOf(many, 1_000);
    expect([messages, channels.length, channels[0]]).toEqual([1_830, 50, { channel: 'c59', messages: 60 }]);
  });
});
