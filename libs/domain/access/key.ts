/** The stored part of a key that was issued and not revoked. `expiresAt` is ISO 8601 in UTC. */
export type Key = Readonly<{ hash: string; expiresAt?: string }>;

/** Returns the part of a newly issued key that is stored. */
export const keyOf = ({ hash, expiresAt }: Key): Key =>
  expiresAt === undefined ? { hash } : { hash, expiresAt };

/**
 * Returns whether a key is still valid at a time, in milliseconds since 1970. A key is valid until just
 * before `expiresAt`. If `expiresAt` is not a valid time, the key counts as expired.
 */
export const isCurrent = ({ expiresAt }: Key, at: number): boolean =>
  expiresAt === undefined || at < Date.parse(expiresAt);
