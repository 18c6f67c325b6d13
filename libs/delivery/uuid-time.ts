/**
 * When a UUIDv7 says it was made, in milliseconds since 1970 (RFC 9562, section 5.7); undefined for other versions,
 * which do not say.
 */
export const uuidTime = (id: string): number | undefined =>
  id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

/** How far ahead of the gateway a bot's clock may run. */
export const MAX_CLOCK_LEAD_MS = 30_000;
