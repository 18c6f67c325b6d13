/** A bucket fills by `rate` tokens a second up to `burst`. */
export type BucketLimits = Readonly<{ rate: number; burst: number }>;

/** State of a bucket. `tokens` is below zero when something cost more than there was; that debt is paid back first. */
export type Bucket = Readonly<{ tokens: number; at: number }>;

export const fullBucket = (limits: BucketLimits, now: number): Bucket => ({ tokens: limits.burst, at: now });

/**
 * Takes the cost of something at a time (ms). When the tokens do not suffice, returns in how many ms they will. A cost
 * above the bucket's size is allowed when the bucket is full, and leaves a debt.
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

/** Takes the cost of something that was already used, whether there are enough tokens or not. */
export const charge = (bucket: Bucket, limits: BucketLimits, now: number, cost: number): Bucket => ({
  tokens: tokensAt(bucket, limits, now) - cost,
  at: now,
});

/** Returns in how many ms the bucket will have more than nothing; 0 when it has now. */
export const untilSolvent = (bucket: Bucket, limits: BucketLimits, now: number): number => {
  const tokens = tokensAt(bucket, limits, now);
  return tokens > 0 ? 0 : waitFor(-tokens, limits) + 1;
};

/** Returns the tokens at a time. A clock that goes back counts as one that stands still. */
const tokensAt = ({ tokens, at }: Bucket, { rate, burst }: BucketLimits, now: number): number =>
  Math.min(burst, tokens + (Math.max(0, now - at) * rate) / 1_000);

const waitFor = (tokens: number, { rate }: BucketLimits): number => Math.ceil((tokens * 1_000) / rate);
