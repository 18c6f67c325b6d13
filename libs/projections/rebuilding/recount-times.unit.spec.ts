import { describe, expect, it } from 'vitest';
import { recountTimes } from './recount-times.js';

describe('the times of recounts', () => {
  it('are ten minutes after a start, then as often as wanted', () => {
    expect(recountTimes(1_440)).toEqual({ firstMs: 600_000, everyMs: 86_400_000 });
  });

  it('do not begin later than they go on', () => {
    expect(recountTimes(3)).toEqual({ firstMs: 180_000, everyMs: 180_000 });
  });

  it('never come at 0', () => {
    expect(recountTimes(0)).toEqual({ firstMs: Number.POSITIVE_INFINITY, everyMs: Number.POSITIVE_INFINITY });
  });
});
