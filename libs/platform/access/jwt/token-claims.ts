import { createHash } from 'node:crypto';
import { isName } from '#libs/domain/name.js';
import type { ClaimNames } from '../../config/token-settings.js';
import type { Caller, Token } from '../caller.js';

/** The most characters that a token may have. A longer one is refused before any of it is parsed. */
export const TOKEN_LENGTH = 8_192;
const SUBJECT_LENGTH = 256;

/** Returns whether a text has the form of a signed token (RFC 7515, 7.1). Such a text is never one of our own keys. */
export const isToken = (text: string): boolean =>
  text.length <= TOKEN_LENGTH && /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);

const digestOf = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);

/** What a group of tokens has in common, with the prefix of the id that stands for the group. */
const GROUPS = { subject: 'sub', bot: 'bot', issuer: 'iss' } as const;

/** Returns the id that stands for all tokens of one subject (`sub`), of one bot or of one issuer (`iss`). */
export const tokenGroupId = (what: keyof typeof GROUPS, text: string): string =>
  `${GROUPS[what]}.${digestOf(text)}`;

/**
 * Returns the caller who shows a token with these claims, or undefined when a claim is missing or does not have the
 * required form. Only own properties of the claims object count. Does not check whether the claims are true.
 */
export const callerIn = (
  claims: Readonly<Record<string, unknown>>,
  text: string,
  names: ClaimNames,
): Caller | undefined => {
  const claim = (name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const [role, bot, subject] = [claim(names.role), claim(names.bot), claim('sub')];
  if (typeof subject !== 'string' || subject === '' || subject.length > SUBJECT_LENGTH) return undefined;
  const keyId = tokenGroupId('subject', subject);
  if (role === 'admin' || role === 'auditor') {
    const token = tokenIn(claim, text, names, [keyId]);
    return token && { role, keyId, token };
  }
  if (role !== 'bot' || !isName(bot)) return undefined;
  const token = tokenIn(claim, text, names, [keyId, tokenGroupId('bot', bot)]);
  return token && { role, bot, keyId, token };
};

const tokenIn = (
  claim: (name: string) => unknown,
  text: string,
  { toleranceMs }: ClaimNames,
  groupIds: readonly string[],
): Token | undefined => {
  const [issuer, issued, expires, id = text] = [claim('iss'), claim('iat'), claim('exp'), claim('jti')];
  if (typeof expires !== 'number' || !Number.isSafeInteger(Math.ceil(expires * 1_000))) return undefined;
  if (typeof issuer !== 'string' || typeof id !== 'string') return undefined;
  return {
    id: `jwt.${digestOf(id)}`,
    groupIds: [...groupIds, tokenGroupId('issuer', issuer)],
    issuedAt: typeof issued === 'number' ? issued * 1_000 : undefined,
    until: expires * 1_000 + toleranceMs,
  };
};
