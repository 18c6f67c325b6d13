import { createHash } from 'node:crypto';
import { isName } from '#libs/domain/name.js';
import type { Caller, Token } from '../caller.js';

/** Which claims say who it is, and by how much clocks may differ, in milliseconds. */
export type ClaimNames = Readonly<{ role: string; bot: string; toleranceMs: number }>;

/** In characters. Larger ones are refused before anything of them is looked at. */
export const TOKEN_LENGTH = 8_192;
const SUBJECT_LENGTH = 256;

/** Whether a text has the form of a signed token (RFC 7515, 7.1): whatever else it is, it is no key of ours. */
export const isToken = (text: string): boolean =>
  text.length <= TOKEN_LENGTH && /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);

const digestOf = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);

/**
 * Who shows a token with these claims; undefined where one is missing or of another form than it has to be. Only claims
 * that the token itself has count. Whether anything of it is true is not looked at here.
 */
export const callerIn = (
  claims: Readonly<Record<string, unknown>>,
  text: string,
  names: ClaimNames,
): Caller | undefined => {
  const claim = (name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const token = tokenIn(claim, text, names);
  if (!token) return undefined;
  const role = claim(names.role);
  if (role === 'admin' || role === 'auditor') return { role, keyId: token.subjectId, token };
  const bot = claim(names.bot);
  return role === 'bot' && isName(bot) ? { role, bot, keyId: token.subjectId, token } : undefined;
};

const tokenIn = (
  claim: (name: string) => unknown,
  text: string,
  { toleranceMs }: ClaimNames,
): Token | undefined => {
  const [subject, expires, id = text] = [claim('sub'), claim('exp'), claim('jti')];
  if (typeof subject !== 'string' || subject === '' || subject.length > SUBJECT_LENGTH) return undefined;
  if (typeof expires !== 'number' || !Number.isSafeInteger(Math.ceil(expires * 1_000))) return undefined;
  if (typeof id !== 'string') return undefined;
  return {
    id: `jwt.${digestOf(id)}`,
    subjectId: `sub.${digestOf(subject)}`,
    until: expires * 1_000 + toleranceMs,
  };
};
