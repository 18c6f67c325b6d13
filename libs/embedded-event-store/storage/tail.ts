import { DamagedLog, damageAt } from '../record/damaged-log.js';
import { recordOpensGroup } from '../record/record.js';
import type { Segments } from './segments.js';
import { soundRecords, type SoundRecord } from './sound-records.js';

/**
 * Examines the bytes behind the last complete change, which ends at `head`: were they torn by a crash, or are they
 * damage? They are damage if the log was acknowledged beyond that place, or if a whole record lies behind it that can
 * only have been written after everything before was synced. If nobody knows what was acknowledged, any whole record
 * behind it means damage. A power failure leaves any part of a group on the disk, so records of the same group prove
 * nothing.
 * @returns number of bytes that a crash left there
 * @throws DamagedLog
 */
export const checkTail = (segments: Segments, head: number, acknowledged: number | undefined): number => {
  const { end } = segments;
  if (segments.lastBase > head)
    throw behindBreak(segments, head, firstWhole(segments, head, end, false)?.at ?? segments.lastBase);
  const whole = firstWhole(segments, head, end, acknowledged !== undefined);
  if (whole) throw behindBreak(segments, head, whole.at);
  if (acknowledged !== undefined && acknowledged > head) throw acknowledgedGone(segments, head, acknowledged);
  return Math.max(0, end - head);
};

const firstWhole = (
  segments: Segments,
  head: number,
  end: number,
  onlyLater: boolean,
): SoundRecord | undefined => {
  for (const found of soundRecords(segments, head, end)) {
    // A record directly at the end begins a change without an end: it opens the last group.
    if (found.at > head && (!onlyLater || recordOpensGroup(found.record))) return found;
  }
  return undefined;
};

const behindBreak = (segments: Segments, head: number, whole: number): DamagedLog => {
  const { file, offset } = segments.placeOf(whole);
  return damageAt(
    segments.placeOf(head),
    `the bytes there are not those that were written, but from position ${whole} on (${file}, byte ${offset}) lie whole events again`,
  );
};

const acknowledgedGone = (segments: Segments, head: number, acknowledged: number): DamagedLog =>
  damageAt(
    segments.placeOf(head),
    `it ends there, but events up to position ${acknowledged} were acknowledged: ${acknowledged - head} bytes of them are cut off or overwritten`,
  );
