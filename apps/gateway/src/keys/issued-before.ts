import { isTokenGroupId } from '#libs/domain/access/token-id.js';
import { RequestError } from '#libs/protocol/errors.js';

/**
 * Returns the time, in milliseconds since 1970, before which the tokens to be revoked were issued. Returns nothing when
 * all of them are meant.
 *
 * @param now milliseconds since 1970, by this machine's clock
 * @throws RequestError `invalid_payload` for an id that does not name a set of tokens, and for a time in the future,
 * because that would lock out tokens that nobody has yet
 */
export const issuedBeforeOf = (
  keyId: string,
  { issuedBefore }: Readonly<{ issuedBefore?: string }>,
  now: number,
): Readonly<{ issuedBefore?: number }> => {
  if (issuedBefore === undefined) return {};
  if (!isTokenGroupId(keyId))
    throw new RequestError(
      'invalid_payload',
      'Field "issuedBefore" is for tokens only: the id must begin with "sub.", "bot." or "iss."',
    );
  const time = Date.parse(issuedBefore);
  if (time > now) throw new RequestError('invalid_payload', 'Field "issuedBefore" must not be in the future');
  return { issuedBefore: time };
};
