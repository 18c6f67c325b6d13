import { charge, fullBucket, take, untilSolvent } from './token-bucket.js';
import type { Bucket, BucketLimits } from './token-bucket.js';

/** Allowances are looked through for full ones when this many are held: a full one is what a forgotten caller starts with. */
const MANY = 10_000;

const systemNow = (): number => performance.now();

/** What one caller may use, over all its connections to this process. Times are in milliseconds. */
export class Allowance {
  private bucket: Bucket;

  constructor(
    private readonly limits: BucketLimits,
    private readonly now: () => number = systemNow,
  ) {
    this.bucket = fullBucket(limits, now());
  }

  /** Takes what something costs. @returns 0, or after how long there is as much, and then nothing is taken */
  take(cost: number): number {
    const { bucket, retryAfterMs } = take(this.bucket, this.limits, this.now(), cost);
    this.bucket = bucket;
    return retryAfterMs;
  }

  /** Takes what was used up already; what there was not is owed. */
  charge(cost: number): void {
    this.bucket = charge(this.bucket, this.limits, this.now(), cost);
  }

  /** How long until nothing is owed and something is left; 0: so it is. */
  untilSolvent(): number {
    return untilSolvent(this.bucket, this.limits, this.now());
  }

  get isFull(): boolean {
    return take(this.bucket, this.limits, this.now(), this.limits.burst).retryAfterMs === 0;
  }
}

/** An allowance for each caller, made when it first asks. */
export class Allowances {
  private readonly held = new Map<string, Allowance>();
  private sweepAt = MANY;

  constructor(
    private readonly limits: BucketLimits,
    private readonly now: () => number = systemNow,
  ) {}

  of(caller: string): Allowance {
    const known = this.held.get(caller);
    if (known) return known;
    if (this.held.size >= this.sweepAt) this.forgetFull();
    const made = new Allowance(this.limits, this.now);
    this.held.set(caller, made);
    return made;
  }

  private forgetFull(): void {
    for (const [caller, allowance] of this.held) if (allowance.isFull) this.held.delete(caller);
    // What is left is in use: looking through it for each newcomer would cost more than it takes up.
    this.sweepAt = Math.max(MANY, 2 * this.held.size);
  }
}
