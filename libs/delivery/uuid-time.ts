/**
 * Returns when a UUIDv7 was made, by its own account, in milliseconds since 1970 (RFC 9562, section 5.7).
 * Returns undefined for other versions, which do not say.
 */
export const uuidTime = (id: string): number | undefined =>
  id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

/** By how many milliseconds a bot's clock may run ahead of the gateway's. */
export const MAX_CLOCK_LEAD_MS = 30_000;

/**
 * By how many milliseconds the clocks of store and gateways may differ, on top of the lead that bots' clocks
 * may have.
 */
export const CLOCK_MARGIN_MS = 15_000;

/**
 * Returns whether an id was certainly made after everything that the store recorded up to this time (milliseconds since
 * 1970). An id accepted at store time T was made no later than T plus the lead that a bot's clock may have.
 */
export const isMadeAfter = (id: string, at: number): boolean => {
  const madeAt = uuidTime(id);
  return madeAt !== undefined && madeAt > at + MAX_CLOCK_LEAD_MS + CLOCK_MARGIN_MS;
};
