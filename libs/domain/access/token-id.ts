/**
 * What stands for one token of an identity provider (`jwt.…`), or for all tokens of one of its subjects (`sub.…`), of one
 * bot (`bot.…`) or of one issuer (`iss.…`): the first 32 hexadecimal digits of the SHA-256 of the token's `jti`, its `sub`,
 * the bot's name or its `iss`. No key has such an id.
 */
const TOKEN_ID = /^(?:jwt|sub|bot|iss)\.[0-9a-f]{32}$/;

export const isTokenId = (keyId: string): boolean => TOKEN_ID.test(keyId);

/** Whether an id stands for many tokens, of which those issued before a time can be revoked. */
export const isTokenGroupId = (keyId: string): boolean => isTokenId(keyId) && !keyId.startsWith('jwt.');
