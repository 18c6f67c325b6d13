/**
 * The form of an id that stands for one token of an identity provider (`jwt.…`) or for all tokens of one of
 * its subjects (`sub.…`). The prefix is followed by the first 32 hexadecimal digits of the SHA-256 of the
 * token's `jti` or `sub`. No key has an id of this form.
 */
const TOKEN_ID = /^(?:jwt|sub)\.[0-9a-f]{32}$/;

export const isTokenId = (keyId: string): boolean => TOKEN_ID.test(keyId);
