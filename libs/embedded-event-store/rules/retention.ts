/** `$tb` of a stream that was deleted softly (EventNumber.DeletedStream in EventStoreDB is 2^63 - 1). */
export const DELETED = Number.POSITIVE_INFINITY;
const INT64_MAX = 2n ** 63n - 1n;

/** What a stream's metadata says about which of its events may still be read. */
export interface Retention {
  /** The newest so many events. */
  readonly maxCount?: number;
  /** Seconds since it was recorded. */
  readonly maxAge?: number;
  /** The first revision that may be read; `DELETED`: none. */
  readonly truncateBefore?: number;
}

export const KEEP_ALL: Retention = {};

/** A metadata stream keeps its newest event only (IndexReader.cs, `_metastreamMetadata`). */
export const OF_METASTREAMS: Retention = { maxCount: 1 };

const NUMBERS = [
  ['$maxCount', 'maxCount', 1],
  ['$maxAge', 'maxAge', 1],
  ['$tb', 'truncateBefore', 0],
] as const;

/**
 * Retention in the data of a `$metadata` event, as EventStoreDB understands it (StreamMetadata.cs): a number too small
 * is left out; what is no JSON object, or has a system value of another kind or beyond 64 bits, counts as none at all.
 */
export const retentionOf = (metadata: Uint8Array): Retention => {
  const text = textOf(metadata);
  const json = parseObject(text);
  if (!json || !isUnderstood(json)) return KEEP_ALL;
  const retention: { maxCount?: number; maxAge?: number; truncateBefore?: number } = {};
  for (const [key, name, least] of NUMBERS) {
    const value = json[key];
    if (value === undefined) continue;
    const exact = integerOf(text, key, value);
    if (exact === undefined || exact > INT64_MAX || (key === '$maxAge' && exact > MAX_SECONDS))
      return KEEP_ALL;
    if (exact >= BigInt(least)) retention[name] = exact === INT64_MAX ? DELETED : Number(exact);
  }
  return retention;
};

/** Seconds in the longest TimeSpan of .NET. */
const MAX_SECONDS = 922_337_203_685n;

/** System values that say nothing of retention, yet make all of it void if they are of another kind. */
const isUnderstood = (json: Record<string, unknown>): boolean => {
  const { $cacheControl: cacheControl, $tmp: temporary, $acl: acl } = json;
  if (cacheControl !== undefined && !Number.isInteger(cacheControl)) return false;
  if (temporary !== undefined && typeof temporary !== 'boolean') return false;
  return acl === undefined || (typeof acl === 'object' && acl !== null && !Array.isArray(acl));
};

/** A whole number, exactly: beyond 2^53 it is taken from the text. */
const integerOf = (text: string, key: string, value: unknown): bigint | undefined => {
  if (!Number.isInteger(value)) return undefined;
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  const digits = new RegExp(`"\\${key}"\\s*:\\s*(-?\\d+)\\s*[,}]`, 'u').exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
};

export const isSoftDeleted = (retention: Retention): boolean => retention.truncateBefore === DELETED;

/** The first revision that count and `$tb` leave readable in a stream whose last event is `lastRevision`. */
export const firstReadable = (retention: Retention, lastRevision: number): number => {
  const byCount = retention.maxCount === undefined ? 0 : lastRevision - retention.maxCount + 1;
  return Math.max(0, byCount, retention.truncateBefore ?? 0);
};

/** Recorded before this time (milliseconds) is too old to be read; -Infinity without `$maxAge`. */
export const oldestReadable = (retention: Retention, now: number): number =>
  retention.maxAge === undefined ? Number.NEGATIVE_INFINITY : now - retention.maxAge * 1000;

/** The data of the `$metadata` event of a soft delete (StorageWriterService.cs). */
export const SOFT_DELETE_METADATA = Buffer.from('{"$tb":9223372036854775807}');

/**
 * The metadata that revives a softly deleted stream from revision `from`: what it was, with another `$tb`.
 * Undefined if it is no JSON object, as then nothing is written (SoftUndeleteRawMeta).
 */
export const undeletedMetadata = (metadata: Uint8Array, from: number): Buffer | undefined => {
  const json = parseObject(textOf(metadata));
  return json && Buffer.from(JSON.stringify({ ...json, $tb: from }));
};

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

const parseObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};
