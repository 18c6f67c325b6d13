import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullBucket, take } from './token-bucket.js';

const LIMITS = { rate: 200, burst: 400 };

describe('the token bucket', () => {
  it('lets a burst through, then says when one more fits', () => {
    let bucket = fullBucket(LIMITS, 0);
    for (let i = 0; i < LIMITS.burst; i += 1) {
      const taken = take(bucket, LIMITS, 0);
      expect(taken.retryAfterMs).toBe(0);
      ({ bucket } = taken);
    }
    expect(take(bucket, LIMITS, 0).retryAfterMs).toBe(5);
    expect(take(bucket, LIMITS, 5).retryAfterMs).toBe(0);
  });

  it('takes a clock that goes back for one that stands', () => {
    const empty = { tokens: 0, at: 1_000 };
    expect(take(empty, LIMITS, 0).retryAfterMs).toBe(5);
  });

  it('never lets more through than burst plus rate, and always what it promised', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 600 }), (waits) => {
        let bucket = fullBucket(LIMITS, 0);
        let [now, passed] = [0, 0];
        for (const wait of waits) {
          now += wait;
          const taken = take(bucket, LIMITS, now);
          if (taken.retryAfterMs === 0) passed += 1;
          else expect(take(taken.bucket, LIMITS, now + taken.retryAfterMs).retryAfterMs).toBe(0);
          ({ bucket } = taken);
        }
        expect(passed).toBeLessThanOrEqual(LIMITS.burst + (now * LIMITS.rate) / 1_000);
      }),
    );
  });
});
