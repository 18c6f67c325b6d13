import { KeptRanges } from './kept-ranges.js';
import type { LogEntry } from './log-entry.js';
import { recordChecksum } from './record.js';
import type { RecordLog } from './record-log.js';
import type { Segments } from './segments.js';

/** Records processed at a time while scavenging. */
const PAGE = 256;

/**
 * Removes from a complete segment the entries that `keeps` refuses, and frees their space. Positions and revisions
 * stay the same. @returns bytes freed
 */
export const scavengeSegment = async (
  segments: Segments,
  records: RecordLog,
  segment: { base: number; end: number },
  keeps: (entry: LogEntry) => boolean,
): Promise<number> => {
  const ranges: { start: number; length: number }[] = [];
  let checksum = segments.scavengedAt(segment.base)?.checksum ?? 0;
  const scavengedBefore = segments.scavengedAt(segment.base) !== undefined;
  let removed = 0;
  for (let from = segment.base; from < segment.end;) {
    const entries = records.forwards(from, segment.end, PAGE);
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (!scavengedBefore) checksum = recordChecksum(entry.record);
      const { position, next, record } = entry;
      const last = ranges.at(-1);
      if (!keeps(entry)) removed += record.length;
      else if (last && last.start + last.length === position) last.length += record.length;
      else ranges.push({ start: position, length: record.length });
      from = next;
    }
    await new Promise(setImmediate);
  }
  if (removed === 0) return 0;
  await segments.keepOnly(new KeptRanges(segment.base, ranges, segment.end, checksum), ranges);
  return removed;
};
