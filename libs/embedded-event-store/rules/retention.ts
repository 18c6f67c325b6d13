/** `$tb` of a softly deleted stream (EventNumber.DeletedStream in EventStoreDB is 2^63 - 1). */
export const DELETED = Number.POSITIVE_INFINITY;
const INT64_MAX = 2n ** 63n - 1n;

/** The rules in a stream's metadata about which of its events may still be read. */
export interface Retention {
  /** Number of newest events that may be read. */
  readonly maxCount?: number;
  /** Age in seconds up to which an event may be read. */
  readonly maxAge?: number;
  /** The first revision that may be read; `DELETED` for none. */
  readonly truncateBefore?: number;
}

export const KEEP_ALL: Retention = {};

/** A metadata stream keeps only its newest event (IndexReader.cs, `_metastreamMetadata`). */
export const OF_METASTREAMS: Retention = { maxCount: 1 };

const NUMBERS = [
  ['$maxCount', 'maxCount', 1],
  ['$maxAge', 'maxAge', 1],
  ['$tb', 'truncateBefore', 0],
] as const;

/**
 * Reads the retention from the data of a `$metadata` event, as EventStoreDB understands it (StreamMetadata.cs). A
 * number that is too small is ignored. Data that is not a JSON object, or has a system value of a wrong type or beyond 64
 * bits, counts as no metadata at all.
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

/** Checks the system values that do not concern retention. One of a wrong type makes the whole metadata void. */
const isUnderstood = (json: Record<string, unknown>): boolean => {
  const { $cacheControl: cacheControl, $tmp: temporary, $acl: acl } = json;
  if (cacheControl !== undefined && !Number.isInteger(cacheControl)) return false;
  if (temporary !== undefined && typeof temporary !== 'boolean') return false;
  return acl === undefined || (typeof acl === 'object' && acl !== null && !Array.isArray(acl));
};

/** Returns a whole number exactly. Beyond 2^53 it is read from the text. */
const integerOf = (text: string, key: string, value: unknown): bigint | undefined => {
  if (!Number.isInteger(value)) return undefined;
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  const digits = new RegExp(`"\\${key}"\\s*:\\s*(-?\\d+)\\s*[,}]`, 'u').exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
};

export const isSoftDeleted = (retention: Retention): boolean => retention.truncateBefore === DELETED;

/** Returns the first revision that count and `$tb` leave readable in a stream whose last event is `lastRevision`. */
export const firstReadable = (retention: Retention, lastRevision: number): number => {
  const byCount = retention.maxCount === undefined ? 0 : lastRevision - retention.maxCount + 1;
  return Math.max(0, byCount, retention.truncateBefore ?? 0);
};

/** Returns the time (milliseconds) before which events are too old to be read; -Infinity without `$maxAge`. */
export const oldestReadable = (retention: Retention, now: number): number =>
  retention.maxAge === undefined ? Number.NEGATIVE_INFINITY : now - retention.maxAge * 1000;

/** The data of the `$metadata` event of a soft delete (StorageWriterService.cs). */
export const SOFT_DELETE_METADATA = Buffer.from('{"$tb":9223372036854775807}');

/**
 * Returns metadata that revives a softly deleted stream from revision `from`: the old metadata with another `$tb`.
 * Returns undefined if it is not a JSON object; then nothing is written (SoftUndeleteRawMeta).
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
