/** `$tb` of a stream that was deleted softly (EventNumber.DeletedStream in EventStoreDB is 2^63 - 1). */
export const DELETED = Number.POSITIVE_INFINITY;
const INT64_MAX = 2 ** 63;

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
 * Retention in the data of a `$metadata` event. Metadata that is no JSON object, or has a value out of range,
 * counts as none at all (StreamMetadata.TryFromJsonBytes).
 */
export const retentionOf = (metadata: Uint8Array): Retention => {
  const json = parseObject(metadata);
  const retention: { maxCount?: number; maxAge?: number; truncateBefore?: number } = {};
  for (const [key, name, least] of NUMBERS) {
    const value = json?.[key];
    if (value === undefined) continue;
    if (typeof value !== 'number' || value < least) return KEEP_ALL;
    retention[name] = value >= INT64_MAX - 1024 ? DELETED : Math.floor(value);
  }
  return retention;
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
  const json = parseObject(metadata);
  return json && Buffer.from(JSON.stringify({ ...json, $tb: from }));
};

const parseObject = (bytes: Uint8Array): Record<string, unknown> | undefined => {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};
