import { charge, fullBucket, take, untilSolvent } from './token-bucket.js';
import type { Bucket, BucketLimits } from './token-bucket.js';

/** Number of allowances at which full ones are dropped. A forgotten caller starts with a full one anyway. */
const MANY = 10_000;

const systemNow = (): number => performance.now();

/** Limits the use of one caller, over all its connections to this process. Times are in milliseconds. */
export class Allowance {
  private bucket: Bucket;

  constructor(
    private readonly limits: BucketLimits,
    private readonly now: () => number = systemNow,
  ) {
    this.bucket = fullBucket(limits, now());
  }

  /** Takes the cost of something. @returns 0, or the wait until there is enough, and then nothing is taken */
  takeTokens(cost: number): number {
    const { bucket, retryAfterMs } = take(this.bucket, this.limits, this.now(), cost);
    this.bucket = bucket;
    return retryAfterMs;
  }

  /** Takes the cost of something that was already used. What exceeds the allowance is owed. */
  charge(cost: number): void {
    this.bucket = charge(this.bucket, this.limits, this.now(), cost);
  }

  /** Returns how long it takes until nothing is owed and something is left; 0 when that is so now. */
  untilSolvent(): number {
    return untilSolvent(this.bucket, this.limits, this.now());
  }

  get isFull(): boolean {
    return take(this.bucket, this.limits, this.now(), this.limits.burst).retryAfterMs === 0;
  }
}

/** Holds one allowance for each caller, created on its first request. */
export class Allowances {
  private readonly held = new Map<string, Allowance>();
  private sweepAt = MANY;

  constructor(
    private readonly limits: BucketLimits,
    private readonly now: () => number = systemNow,
  ) {}

  allowanceOf(caller: string): Allowance {
    const known = this.held.get(caller);
    if (known) return known;
    if (this.held.size >= this.sweepAt) this.forgetFull();
    const made = new Allowance(this.limits, this.now);
    this.held.set(caller, made);
    return made;
  }

  private forgetFull(): void {
    for (const [caller, allowance] of this.held) if (allowance.isFull) this.held.delete(caller);
    // The remaining allowances are in use. Looking through them for each newcomer would cost more than the memory they
    // take.
    this.sweepAt = Math.max(MANY, 2 * this.held.size);
  }
}
