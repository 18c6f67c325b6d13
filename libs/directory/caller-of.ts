import { timingSafeEqual } from 'node:crypto';
import { RequestError } from '#libs/protocol/errors.js';
import { botStream, keysStream } from '#libs/domain/stream-names.js';
import { hashKey, parseKey } from '#libs/platform/keys/access-key.js';
import { isCurrent } from '#libs/domain/access/key.js';
import type { Key } from '#libs/domain/access/key.js';
import type { OperatorKeys } from '#libs/domain/access/access.decider.js';
import type { OperatorRole } from '#libs/domain/access/access.events.js';
import type { Bot } from '#libs/domain/bot/bot.decider.js';
import type { Caller } from '#libs/platform/access/caller.js';
import type { KeySubject, ParsedKey } from '#libs/platform/keys/access-key.js';

type KeyHolders = {
  bot(name: string): Bot;
  operatorKeys(role: OperatorRole): OperatorKeys;
  damageOf(stream: string): Readonly<{ revision: number }> | undefined;
};

/**
 * The hash to compare with when there is no such key. It keeps the response time the same, so that the time
 * does not reveal whether the key exists.
 */
const NO_HASH = '0'.repeat(64);

/**
 * Returns whose key this is, at a time in milliseconds since 1970. Returns undefined unless the key's hash
 * was issued, was not revoked and has not expired.
 *
 * @throws RequestError `forbidden` for a valid key of a suspended bot, or when the stream that holds the key
 * is damaged. Only the owner of the key can learn this.
 */
export const callerOf = (key: string, holders: KeyHolders, at: number): Caller | undefined => {
  const parsed = parseKey(key);
  if (!parsed) return undefined;
  const keys = keysOf(parsed, holders);
  const stored = Object.hasOwn(keys, parsed.keyId) ? keys[parsed.keyId] : undefined;
  if (!sameHash(hashKey(key), stored?.hash ?? NO_HASH)) return undefined;
  if (!stored || !isCurrent(stored, at)) return undefined;
  if (parsed.role === 'bot') requireBot(parsed.bot, holders);
  else requireWhole(parsed, holders);
  return parsed;
};

/**
 * Checks that a bot may act.
 *
 * @throws RequestError `forbidden` for a bot that is suspended or whose stream is damaged
 */
export const requireBot = (bot: string, holders: Pick<KeyHolders, 'bot' | 'damageOf'>): void => {
  requireWhole({ role: 'bot', bot }, holders);
  if (holders.bot(bot).status === 'suspended')
    throw new RequestError('forbidden', `Bot "${bot}" is suspended`);
};

/**
 * Refuses a key whose stream is damaged, because an event that cannot be decoded may have revoked the key.
 * Admin keys stay valid: only an admin can decide about such an event, and whoever can write to the stream of
 * admin keys could have issued a key as well.
 */
const requireWhole = (key: KeySubject, holders: Pick<KeyHolders, 'damageOf'>): void => {
  if (key.role === 'admin') return;
  const damage = holders.damageOf(key.role === 'bot' ? botStream(key.bot) : keysStream(key.role));
  if (!damage) return;
  const who = key.role === 'bot' ? `Bot "${key.bot}" is` : 'The keys of auditors are';
  throw new RequestError(
    'forbidden',
    `${who} closed: event ${damage.revision} of that stream can't be understood, and an admin has to decide about it`,
  );
};

const keysOf = (key: ParsedKey, holders: KeyHolders): Readonly<Record<string, Key>> => {
  if (key.role !== 'bot') return holders.operatorKeys(key.role).issued;
  const bot = holders.bot(key.bot);
  return bot.status === 'unknown' ? {} : bot.keys;
};

const sameHash = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};
