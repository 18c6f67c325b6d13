import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

describe('a backoff', () => {
  it('doubles from the first pause to the longest, and starts over after a success', () => {
    const backoff = new Backoff({ initialMs: 50, maxMs: 5_000 }, () => 1);
    const pauses = Array.from({ length: 9 }, () => backoff.next());
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    backoff.reset();
    expect(backoff.next()).toBe(50);
  });

  it('draws each pause from its upper half', () => {
    const shortest = new Backoff({ initialMs: 100, maxMs: 1_000 }, () => 0);
    expect([shortest.next(), shortest.next()]).toEqual([50, 100]);
  });
});
