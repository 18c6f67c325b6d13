import { createHash } from 'node:crypto';
import { NO_EVENTS } from '../rules/expected-revision.js';
import type { Retention } from '../rules/retention.js';

/** What the index keeps about a stream besides its events. */
export interface StreamState {
  /** Short id that replaces the name in the index. It is never given to another stream. */
  readonly id: number;
  /** Revision of the last event; `NO_EVENTS` if only metadata was written yet. */
  readonly lastRevision: number;
  readonly tombstoned: boolean;
  readonly hasMetadata: boolean;
  /** Retention from the newest event of its metadata stream. */
  readonly retention: Retention;
}

export const newStream = (id: number): StreamState => ({
  id,
  lastRevision: NO_EVENTS,
  tombstoned: false,
  hasMetadata: false,
  retention: {},
});

const SIZE = 37;
const TOMBSTONED = 1;
const HAS_METADATA = 2;

/** Encodes a state: id u32 | last revision f64 | flags u8 | max count, max age, truncate before f64 (NaN: not set) */
export const encodeStreamState = (state: StreamState): Buffer => {
  const bytes = Buffer.allocUnsafe(SIZE);
  bytes.writeUInt32BE(state.id, 0);
  bytes.writeDoubleBE(state.lastRevision, 4);
  bytes[12] = (state.tombstoned ? TOMBSTONED : 0) | (state.hasMetadata ? HAS_METADATA : 0);
  bytes.writeDoubleBE(state.retention.maxCount ?? Number.NaN, 13);
  bytes.writeDoubleBE(state.retention.maxAge ?? Number.NaN, 21);
  bytes.writeDoubleBE(state.retention.truncateBefore ?? Number.NaN, 29);
  return bytes;
};

export const decodeStreamState = (bytes: Buffer): StreamState => {
  const number = (at: number): number | undefined => {
    const value = bytes.readDoubleBE(at);
    return Number.isNaN(value) ? undefined : value;
  };
  const maxCount = number(13);
  const maxAge = number(21);
  const truncateBefore = number(29);
  return {
    id: bytes.readUInt32BE(0),
    lastRevision: bytes.readDoubleBE(4),
    tombstoned: (bytes[12]! & TOMBSTONED) !== 0,
    hasMetadata: (bytes[12]! & HAS_METADATA) !== 0,
    retention: {
      ...(maxCount !== undefined && { maxCount }),
      ...(maxAge !== undefined && { maxAge }),
      ...(truncateBefore !== undefined && { truncateBefore }),
    },
  };
};

const LONGEST_PLAIN_KEY = 1024;

/**
 * Returns the key of a stream: its name, or the beginning and a hash of a very long name, because LMDB limits the
 * length of keys.
 */
export const streamKey = (name: string): Buffer => {
  const bytes = Buffer.from(name);
  if (bytes.length <= LONGEST_PLAIN_KEY) return bytes;
  const hash = createHash('sha256').update(bytes).digest();
  return Buffer.concat([bytes.subarray(0, LONGEST_PLAIN_KEY), hash]);
};

/** Returns the name of the stream with this key; undefined if the key holds only its beginning. */
export const nameOfKey = (key: Buffer): string | undefined =>
  key.length <= LONGEST_PLAIN_KEY ? key.toString() : undefined;

const METASTREAM_PREFIX = '$$';
export const isMetastream = (name: string): boolean => name.startsWith(METASTREAM_PREFIX);
export const metastreamOf = (name: string): string => METASTREAM_PREFIX + name;
export const originalStreamOf = (metastream: string): string => metastream.slice(METASTREAM_PREFIX.length);
