import type { KeptRange } from './kept-ranges.js';
import type { LogEntry } from './log-entry.js';
import { recordChecksum } from '../record/record.js';
import type { RecordLog } from './record-log.js';

/** Records processed at a time, so that other work gets its turn. */
const PAGE = 256;

/** What stays of a segment: ranges of records, the bytes that go, and the checksum of its last record. */
export type KeptOfSegment = Readonly<{ ranges: readonly KeptRange[]; removed: number; checksum: number }>;

/**
 * Finds out what stays of a segment when the entries go that `keeps` refuses.
 * @param scavenged checksum of its last record, if the segment was scavenged before. @throws DamagedLog
 */
export const keptOfSegment = async (
  records: Pick<RecordLog, 'forwards'>,
  segment: Readonly<{ base: number; end: number }>,
  keeps: (entry: LogEntry) => boolean,
  scavenged: number | undefined,
): Promise<KeptOfSegment> => {
  const ranges: { start: number; length: number }[] = [];
  let checksum = scavenged ?? 0;
  let removed = 0;
  for (let from = segment.base; from < segment.end;) {
    const entries = records.forwards(from, segment.end, PAGE);
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (scavenged === undefined) checksum = recordChecksum(entry.record);
      const { position, next, record } = entry;
      const last = ranges.at(-1);
      if (!keeps(entry)) removed += record.length;
      else if (last && last.start + last.length === position) last.length += record.length;
      else ranges.push({ start: position, length: record.length });
      from = next;
    }
    await new Promise(setImmediate);
  }
  return { ranges, removed, checksum };
};
