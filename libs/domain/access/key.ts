/** What is kept of a key that was issued and not revoked. `expiresAt` is ISO 8601 in UTC. */
export type Key = Readonly<{ hash: string; expiresAt?: string }>;

/** What is kept of a key just issued. */
export const keyOf = ({ hash, expiresAt }: Key): Key =>
  expiresAt === undefined ? { hash } : { hash, expiresAt };

/**
 * Whether a key still opens anything at a time, in milliseconds since 1970. Its last moment is the one before
 * `expiresAt`. A text there that is no time is no licence: such a key has expired.
 */
export const isCurrent = ({ expiresAt }: Key, at: number): boolean =>
  expiresAt === undefined || at < Date.parse(expiresAt);
