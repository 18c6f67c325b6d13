/** Fills by `rate` a second up to `burst`. */
export type BucketLimits = Readonly<{ rate: number; burst: number }>;

/** `tokens` falls below zero when something cost more than there was: that is paid back first. */
export type Bucket = Readonly<{ tokens: number; at: number }>;

export const fullBucket = (limits: BucketLimits, now: number): Bucket => ({ tokens: limits.burst, at: now });

/**
 * Takes what something costs at a time (ms); without as much, says in how many ms there will be. What costs more than
 * the bucket holds is let through when it is full, and leaves a debt.
 */
export const take = (
  bucket: Bucket,
  limits: BucketLimits,
  now: number,
  cost = 1,
): { bucket: Bucket; retryAfterMs: number } => {
  const tokens = tokensAt(bucket, limits, now);
  const wanted = Math.min(cost, limits.burst);
  if (tokens >= wanted) return { bucket: { tokens: tokens - cost, at: now }, retryAfterMs: 0 };
  return { bucket: { tokens, at: now }, retryAfterMs: waitFor(wanted - tokens, limits) };
};

/** Takes what was used up already, whether there is as much or not. */
export const charge = (bucket: Bucket, limits: BucketLimits, now: number, cost: number): Bucket => ({
  tokens: tokensAt(bucket, limits, now) - cost,
  at: now,
});

/** In how many ms there will be more than nothing; 0: there is now. */
export const untilSolvent = (bucket: Bucket, limits: BucketLimits, now: number): number => {
  const tokens = tokensAt(bucket, limits, now);
  return tokens > 0 ? 0 : waitFor(-tokens, limits) + 1;
};

/** A clock that goes back counts as one that stands. */
const tokensAt = ({ tokens, at }: Bucket, { rate, burst }: BucketLimits, now: number): number =>
  Math.min(burst, tokens + (Math.max(0, now - at) * rate) / 1_000);

const waitFor = (tokens: number, { rate }: BucketLimits): number => Math.ceil((tokens * 1_000) / rate);
