import { createHash, randomBytes, randomInt } from 'node:crypto';
import { isName } from '#libs/domain/name.js';

/** Whom a key is for. */
export type KeySubject = Readonly<{ role: 'bot'; bot: string } | { role: 'admin' | 'auditor' }>;

/** A key just made. Only `keyId` and `hash` may be stored; `key` is shown to its owner once. */
export type IssuedKey = Readonly<{ key: string; keyId: string; hash: string }>;

/** What a key says of itself. Nothing of it is proved before the hash was compared. */
export type ParsedKey = Readonly<KeySubject & { keyId: string }>;

const KEY_ID_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const KEY_ID = /^[a-z0-9]{8}$/;
/** 32 random bytes as base64url. The last of the 43 characters carries four bits only. */
const SECRET = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

const newKeyId = (): string =>
  Array.from({ length: 8 }, () => KEY_ID_ALPHABET[randomInt(KEY_ID_ALPHABET.length)]).join('');

/** Makes a key with 256 random bits: `bot.<name>.<keyId>.<secret>`, `admin.<keyId>.<secret>` or `auditor.…`. */
export const issueKey = (subject: KeySubject): IssuedKey => {
  const keyId = newKeyId();
  const secret = randomBytes(32).toString('base64url');
  const owner = subject.role === 'bot' ? `bot.${subject.bot}` : subject.role;
  const key = `${owner}.${keyId}.${secret}`;
  return { key, keyId, hash: hashKey(key) };
};

/** Undefined unless the text has exactly the form {@link issueKey} gives. Never throws, whatever comes in. */
export const parseKey = (text: string): ParsedKey | undefined => {
  const parts = text.split('.');
  const role = parts[0];
  const [keyId = '', secret = ''] = parts.slice(-2);
  if (!KEY_ID.test(keyId) || !SECRET.test(secret)) return undefined;
  if (role === 'bot') {
    const bot = parts[1];
    return parts.length === 4 && isName(bot) ? { role, bot, keyId } : undefined;
  }
  return parts.length === 3 && (role === 'admin' || role === 'auditor') ? { role, keyId } : undefined;
};

/** SHA-256 of the whole key text, in hex. A key is random, so a slow hash would add nothing. */
export const hashKey = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
