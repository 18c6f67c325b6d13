import { describe, expect, it } from 'vitest';
import { untilBeat } from './heartbeat.js';

describe('the next heartbeat', () => {
  it('comes in the same moment for all builds of a process, whenever each of them asks', () => {
    const beats = [100, 350, 600].map((now) => now + untilBeat(1_000, 0, now));
    expect(beats).toEqual([1_000, 1_000, 1_000]);
  });

  it('comes half as often after ten seconds without events', () => {
    expect(100 + untilBeat(1_000, 9_999, 100)).toBe(1_000);
    expect(100 + untilBeat(1_000, 10_000, 100)).toBe(2_000);
  });

  it('is not made twice by a timer that fires a little early', () => {
    expect(999 + untilBeat(1_000, 0, 999)).toBe(2_000);
    expect(1_001 + untilBeat(1_000, 0, 1_001)).toBe(2_000);
  });
});
