import { sha256 } from '../merkle/hashing.js';

/** What an entry says of an event: everything that is stored of it, but its place in the log. */
export type EntryEvent = Readonly<{
  /** The name that users of the log know. */
  stream: string;
  revision: number;
  type: string;
  /** A UUID. */
  eventId: string;
  /** When the store recorded it, in units of 100 ns since 1970. */
  ticks: bigint;
  /** The writer's claim that `data` is JSON. */
  isJson: boolean;
  /** The stored bytes. */
  data: Uint8Array;
  metadata: Uint8Array;
}>;

/** The first byte of an entry: the version of the encoding. */
const VERSION = 1;
/** The first byte of the entry of an event whose bytes are lost. */
const LOST = 2;
/** The longest text that is written out, in bytes. A longer one is written as its hash, so that an entry stays small. */
const WRITTEN_OUT = 1_024;
const TEXT_IS_HASHED = 0xffff;
const FIXED_BYTES = 1 + 8 + 16 + 8 + 1 + 2 * (4 + 32);

/**
 * Returns the entry of an event, whose hash is its leaf in the tree. Two events have the same entry only if they are
 * the same in every field. `docs/audit.md` describes the encoding byte by byte. Of the contents it holds the hashes, so
 * an entry shows nothing of them and has at most 2,158 bytes.
 *
 * @throws RangeError when the id is not a UUID or a number is not one that a store gives
 */
export const encodeEntry = (event: EntryEvent): Buffer => {
  const stream = textOf(event.stream);
  const type = textOf(event.type);
  const entry = Buffer.allocUnsafe(FIXED_BYTES + stream.length + type.length);
  let at = entry.writeUInt8(VERSION, 0);
  at += stream.copy(entry, at);
  at = entry.writeBigUInt64BE(BigInt(event.revision), at);
  at += type.copy(entry, at);
  at += idOf(event.eventId).copy(entry, at);
  at = entry.writeBigUInt64BE(event.ticks, at);
  at = entry.writeUInt8(event.isJson ? 1 : 0, at);
  at = writeContents(entry, at, event.data);
  writeContents(entry, at, event.metadata);
  return entry;
};

/**
 * Returns the entry of an event whose stored bytes are lost, and about which an admin has decided that the log goes on
 * without it. It says only which event of which stream that was.
 *
 * @throws RangeError when the revision is not one that a store gives
 */
export const encodeLostEntry = ({ stream, revision }: Pick<EntryEvent, 'stream' | 'revision'>): Buffer => {
  const number = Buffer.allocUnsafe(8);
  number.writeBigUInt64BE(BigInt(revision));
  return Buffer.concat([Buffer.of(LOST), textOf(stream), number]);
};

const textOf = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = Buffer.allocUnsafe(2);
  if (bytes.length <= WRITTEN_OUT) {
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  }
  length.writeUInt16BE(TEXT_IS_HASHED);
  return Buffer.concat([length, sha256(bytes)]);
};

const idOf = (eventId: string): Buffer => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(eventId))
    throw new RangeError(`${JSON.stringify(eventId)} is not a UUID`);
  return Buffer.from(eventId.replaceAll('-', ''), 'hex');
};

const writeContents = (entry: Buffer, at: number, bytes: Uint8Array): number => {
  const next = entry.writeUInt32BE(bytes.length, at);
  return next + sha256(bytes).copy(entry, next);
};
