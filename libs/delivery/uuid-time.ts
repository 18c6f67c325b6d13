/**
 * Returns when a UUIDv7 was made, by its own account, in milliseconds since 1970 (RFC 9562, section 5.7).
 * Returns undefined for other versions, which do not say.
 */
export const uuidTime = (id: string): number | undefined =>
  id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

/** By how many milliseconds a bot's clock may run ahead of the gateway's. */
export const MAX_CLOCK_LEAD_MS = 30_000;
