/** Fills by `rate` a second up to `burst`; a request takes one token. */
export type BucketLimits = Readonly<{ rate: number; burst: number }>;

export type Bucket = Readonly<{ tokens: number; at: number }>;

export const fullBucket = (limits: BucketLimits, now: number): Bucket => ({ tokens: limits.burst, at: now });

/** Takes one token at a time (ms); without one, says in how many ms there will be one. */
export const take = (
  bucket: Bucket,
  limits: BucketLimits,
  now: number,
): { bucket: Bucket; retryAfterMs: number } => {
  const elapsed = Math.max(0, now - bucket.at);
  const tokens = Math.min(limits.burst, bucket.tokens + (elapsed * limits.rate) / 1_000);
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, at: now }, retryAfterMs: 0 };
  return { bucket: { tokens, at: now }, retryAfterMs: Math.ceil(((1 - tokens) * 1_000) / limits.rate) };
};
