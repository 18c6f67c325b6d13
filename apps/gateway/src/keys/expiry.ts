import { RequestError } from '#libs/protocol/errors.js';

/**
 * Returns the time at which a key expires as it is recorded (UTC, to the millisecond), or nothing for a key that does
 * not expire.
 *
 * @param now milliseconds since 1970, by this machine's clock
 * @throws RequestError `invalid_payload` for a time that is not in the future
 */
export const expiryOf = (
  { expiresAt }: Readonly<{ expiresAt?: string }>,
  now: number,
): Readonly<{ expiresAt?: string }> => {
  if (expiresAt === undefined) return {};
  const end = Date.parse(expiresAt);
  if (end <= now) throw new RequestError('invalid_payload', 'Field "expiresAt" must be in the future');
  return { expiresAt: new Date(end).toISOString() };
};
