import type { Head } from './log-index.js';
import type { RecordLog } from './record-log.js';
import type { Segments } from './segments.js';

/**
 * Returns whether the log has the record that the index names as its last. A damaged record does not say so itself. Then
 * the record after it has to be chained to it, or the log must have been acknowledged up to the end of the index, and end there: bytes that were moved
 * behind it are no torn append.
 */
export const belongsToLog = (
  indexed: Head,
  segments: Segments,
  records: RecordLog,
  acknowledged: number | undefined,
): boolean => {
  const { position, checksum } = indexed;
  const before = records.checksumBefore(position);
  if (before === checksum) return true;
  if (before === undefined && segments.scavengedAt(position - 1)) return true;
  const [last] = records.backwards(position, position, 1);
  if (!last?.isDamaged) return false;
  const isWholeLog = acknowledged === position && segments.end === position;
  return isWholeLog || !records.changesAfter(indexed).next().done;
};
