import { isName } from '#libs/domain/name.js';
import { RequestError } from '../errors.js';
import { parseCursorMap } from './cursor-map.js';
import type { CursorMap } from './cursor-map.js';

/** The data a bot sends when it connects, in Socket.IO's `auth`. */
export type Handshake = Readonly<{
  key: string;
  /** Names the cursor, so that a bot may run several processes. */
  consumer: string;
  resume: 'stored' | 'now' | CursorMap;
  /** Limits what is replayed, per channel. */
  backlog: Readonly<{ maxAgeMs?: number; maxCount?: number }>;
}>;

const FIELDS = new Set(['key', 'token', 'consumer', 'resume', 'backlog']);

/**
 * Returns the key, or the token of an identity provider, that a caller connects with. Returns undefined if
 * there is none or both are given.
 */
export const credentialIn = ({ key, token }: Readonly<Record<string, unknown>>): string | undefined => {
  const shown = token === undefined ? key : key === undefined ? token : undefined;
  return typeof shown === 'string' ? shown : undefined;
};

/**
 * Checks the `auth` of a handshake and fills in the defaults.
 *
 * @throws RequestError `unauthenticated` without a key, else `invalid_payload` or `invalid_name`
 */
export const parseHandshake = (auth: unknown): Handshake => {
  const given = (typeof auth === 'object' && auth !== null ? auth : {}) as Record<string, unknown>;
  const key = credentialIn(given);
  const { consumer = 'default', resume = 'stored', backlog = {} } = given;
  if (key === undefined)
    throw new RequestError('unauthenticated', 'A key is needed: connect with auth {key}');
  const unknown = Object.keys(given).find((field) => !FIELDS.has(field));
  if (unknown !== undefined)
    throw new RequestError('invalid_payload', `Unknown field "${unknown.slice(0, 64)}" in auth`);
  if (typeof consumer !== 'string')
    throw new RequestError('invalid_payload', 'Field "consumer" must be a string');
  if (!isName(consumer)) throw new RequestError('invalid_name', 'Field "consumer" must be a name');
  return { key, consumer, resume: parseResume(resume), backlog: parseBacklogBounds(backlog) };
};

const parseResume = (resume: unknown): Handshake['resume'] => {
  if (resume === 'stored' || resume === 'now') return resume;
  if (typeof resume === 'string') {
    throw new RequestError(
      'invalid_payload',
      'Field "resume" must be "stored", "now" or a map of channels to seqs',
    );
  }
  return parseCursorMap(resume, 'Field "resume"');
};

const parseBacklogBounds = (backlog: unknown): Handshake['backlog'] => {
  if (typeof backlog !== 'object' || backlog === null || Array.isArray(backlog)) {
    throw new RequestError('invalid_payload', 'Field "backlog" must be an object');
  }
  for (const [bound, value] of Object.entries(backlog)) {
    if (bound !== 'maxAgeMs' && bound !== 'maxCount') {
      throw new RequestError('invalid_payload', `Unknown field "${bound.slice(0, 64)}" in backlog`);
    }
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw new RequestError('invalid_payload', `Field "backlog.${bound}" must be a whole number`);
    }
  }
  return backlog;
};
