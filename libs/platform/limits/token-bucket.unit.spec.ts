import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { charge, fullBucket, take, untilSolvent } from './token-bucket.js';

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

  it('treats a clock that goes back as one that stands still', () => {
    const empty = { tokens: 0, at: 1_000 };
    expect(take(empty, LIMITS, 0).retryAfterMs).toBe(5);
  });

  it('lets a request that costs more than it holds through when it is full, and has the debt paid back', () => {
    const { bucket, retryAfterMs } = take(fullBucket(LIMITS, 0), LIMITS, 0, 1_000);
    expect(retryAfterMs).toBe(0);
    expect(take(bucket, LIMITS, 0).retryAfterMs).toBe(3_005);
    expect(take({ tokens: 399, at: 0 }, LIMITS, 0, 1_000).retryAfterMs).toBe(5);
  });

  it('is solvent again once a debt is paid back', () => {
    const owing = charge(fullBucket(LIMITS, 0), LIMITS, 0, 600);
    const wait = untilSolvent(owing, LIMITS, 0);
    expect(wait).toBe(1_001);
    expect(untilSolvent(owing, LIMITS, wait)).toBe(0);
    expect(untilSolvent(fullBucket(LIMITS, 0), LIMITS, 0)).toBe(0);
  });

  it('never lets more through than burst plus rate, and always what it promised', () => {
    const asked = fc.record({ wait: fc.nat(50), cost: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(asked, { minLength: 1, maxLength: 600 }), (requests) => {
        let bucket = fullBucket(LIMITS, 0);
        let [now, passed] = [0, 0];
        for (const { wait, cost } of requests) {
          now += wait;
          const taken = take(bucket, LIMITS, now, cost);
          if (taken.retryAfterMs === 0) passed += cost;
          else expect(take(taken.bucket, LIMITS, now + taken.retryAfterMs, cost).retryAfterMs).toBe(0);
          ({ bucket } = taken);
        }
        expect(passed).toBeLessThanOrEqual(LIMITS.burst + (now * LIMITS.rate) / 1_000);
      }),
    );
  });

  it('charges everything that was used: over any time no more than burst, rate and the last debt', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ wait: fc.nat(50), cost: fc.nat(500) })), (uses) => {
        let bucket = fullBucket(LIMITS, 0);
        let [now, used, last] = [0, 0, 0];
        for (const { wait, cost } of uses) {
          now += wait;
          if (untilSolvent(bucket, LIMITS, now) > 0) continue;
          bucket = charge(bucket, LIMITS, now, cost);
          used += cost;
          last = Math.max(last, cost);
        }
        expect(used).toBeLessThanOrEqual(LIMITS.burst + (now * LIMITS.rate) / 1_000 + last);
      }),
    );
  });
});
