import { createHash, randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isName } from '#libs/domain/name.js';

/** The owner that a key is issued for. */
export type KeySubject = Readonly<{ role: 'bot'; bot: string } | { role: 'admin' | 'auditor' }>;

/** A newly issued key. Only `keyId` and `hash` may be stored; `key` is shown to its owner once. */
export type IssuedKey = Readonly<{ key: string; keyId: string; hash: string }>;

/** The claims that a key makes about itself. None is proved until the hash has been compared. */
export type ParsedKey = Readonly<KeySubject & { keyId: string }>;

/**
 * The pattern of an issued key, for scanners that look for leaked keys. The checksum then tells a real key from a text
 * that only looks like one.
 */
export const KEY_PATTERN =
  'vb_(bot\\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}|admin|auditor)\\.[a-z0-9]{8}\\.[A-Za-z0-9_-]{43}[A-Za-z0-9]{6}';

/**
 * Matches a key anywhere in a text, also one in the old form without mark and checksum. The first group says whose key
 * it is.
 */
export const KEY_IN_TEXT =
  /(?<![A-Za-z0-9])((?:vb_)?(?:bot\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}|admin|auditor)\.[a-z0-9]{8})\.[A-Za-z0-9_-]{43,49}/g;

const MARK = 'vb_';
const KEY_ID_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const KEY_ID = /^[a-z0-9]{8}$/;
/** 32 random bytes as base64url. The last of the 43 characters carries only four bits. */
const SECRET = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Enough digits for a CRC-32, because 62^6 is more than 2^32. */
const CHECKSUM_LENGTH = 6;

const newKeyId = (): string =>
  Array.from({ length: 8 }, () => KEY_ID_ALPHABET[randomInt(KEY_ID_ALPHABET.length)]).join('');

/** Returns the CRC-32 of a text (ISO-HDLC, as in gzip and PNG) as six digits of base 62, leading zeros kept. */
export const checksumOf = (text: string): string => {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
};

/**
 * Makes a key with 256 random bits: `vb_bot.<name>.<keyId>.<secret><checksum>`, `vb_admin.<keyId>.<secret><checksum>`
 * or `vb_auditor.…`. The checksum covers everything before it. It tells a leaked key from a text that looks like one,
 * and refuses a mistyped key before anything is looked up. It proves nothing, because anybody can compute it.
 */
export const issueKey = (subject: KeySubject): IssuedKey => {
  const keyId = newKeyId();
  const secret = randomBytes(32).toString('base64url');
  const owner = subject.role === 'bot' ? `bot.${subject.bot}` : subject.role;
  const text = `${MARK}${owner}.${keyId}.${secret}`;
  const key = `${text}${checksumOf(text)}`;
  return { key, keyId, hash: hashKey(key) };
};

/**
 * Returns undefined unless the text has exactly the form that {@link issueKey} gives with the right checksum, or the
 * old form, which has neither mark nor checksum. Never throws, whatever the input.
 */
export const parseKey = (text: string): ParsedKey | undefined => {
  if (!text.startsWith(MARK)) return parsePlain(text);
  const plain = text.slice(0, -CHECKSUM_LENGTH);
  const parsed = parsePlain(plain.slice(MARK.length));
  return parsed && checksumOf(plain) === text.slice(-CHECKSUM_LENGTH) ? parsed : undefined;
};

const parsePlain = (text: string): ParsedKey | undefined => {
  const parts = text.split('.', 5);
  const role = parts[0];
  const [keyId = '', secret = ''] = parts.slice(-2);
  if (!KEY_ID.test(keyId) || !SECRET.test(secret)) return undefined;
  if (role === 'bot') {
    const bot = parts[1];
    return parts.length === 4 && isName(bot) ? { role, bot, keyId } : undefined;
  }
  return parts.length === 3 && (role === 'admin' || role === 'auditor') ? { role, keyId } : undefined;
};

/** Returns the SHA-256 of the whole key text, in hex. A key is random, so a slow hash would add nothing. */
export const hashKey = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
