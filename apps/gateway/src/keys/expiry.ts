import { RequestError } from '#libs/protocol/errors.js';

/**
 * The end of a key as it is recorded, in UTC to the millisecond; nothing for a key without one.
 * @param now milliseconds since 1970, by this machine's clock
 * @throws RequestError `invalid_payload` for an end that is not to come
 */
export const expiryOf = (
  { expiresAt }: Readonly<{ expiresAt?: string }>,
  now: number,
): Readonly<{ expiresAt?: string }> => {
  if (expiresAt === undefined) return {};
  const end = Date.parse(expiresAt);
  if (end <= now) throw new RequestError('invalid_payload', 'Field "expiresAt" must be a time to come');
  return { expiresAt: new Date(end).toISOString() };
};
