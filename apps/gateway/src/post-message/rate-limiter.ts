import { RequestError } from '#libs/protocol/errors.js';
import { fullBucket, take } from './token-bucket.js';
import type { Bucket, BucketLimits } from './token-bucket.js';

/** Buckets are dropped when this many are held: a full one is what a forgotten bot starts with again. */
const MAX_BUCKETS = 10_000;

/** Holds each bot to its rate, over all its connections to this gateway. */
export class RateLimiter {
  private buckets = new Map<string, Bucket>();

  constructor(
    private readonly limits: BucketLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws RequestError `rate_limited` with the time after which one more request fits */
  admit(bot: string): void {
    const now = this.now();
    const { bucket, retryAfterMs } = take(
      this.buckets.get(bot) ?? fullBucket(this.limits, now),
      this.limits,
      now,
    );
    if (this.buckets.size >= MAX_BUCKETS && !this.buckets.has(bot)) this.forgetIdle(now);
    this.buckets.set(bot, bucket);
    if (retryAfterMs === 0) return;
    const message = `Bot "${bot}" sends more than ${this.limits.rate} messages a second`;
    throw new RequestError('rate_limited', message, retryAfterMs);
  }

  private forgetIdle(now: number): void {
    const fillMs = (this.limits.burst * 1_000) / this.limits.rate;
    this.buckets = new Map([...this.buckets].filter(([, { at }]) => now - at < fillMs));
  }
}
