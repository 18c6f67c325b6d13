/** LMDB's codes (lmdb.h) for a limit that was reached: MAP_FULL, DBS_FULL, READERS_FULL, TLS_FULL, TXN_FULL, MAP_RESIZED. */
const LIMITS: readonly number[] = [-30792, -30791, -30790, -30789, -30788, -30785];

/**
 * Returns whether LMDB failed because of what is in its file. Its own codes are negative; those of the system, such as
 * for a full disk, are positive.
 */
export const isFaultOfFile = (error: unknown): boolean => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'number' && (code | 0) < 0 && !LIMITS.includes(code | 0);
};
