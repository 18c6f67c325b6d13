import { DamagedLog, damageAt } from './damaged-log.js';
import { recordOpensGroup } from './record.js';
import type { Segments } from './segments.js';
import { soundRecords, type SoundRecord } from './sound-records.js';

/**
 * What lies behind the last whole change, which ends at `head`: torn by a crash, or damage. It is damage if the log was
 * answered for beyond it, or if something whole lies behind that can only have been written once all before it was synced.
 * Without knowing what was answered for, anything whole behind is damage. A power failure leaves of a group whatever the
 * disk had taken of it, so records of the same group prove nothing.
 * @returns bytes that a crash left there
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
    // What lies right at the end is the beginning of a change that has no end: it begins the last group.
    if (found.at > head && (!onlyLater || recordOpensGroup(found.record))) return found;
  }
  return undefined;
};

const behindBreak = (segments: Segments, head: number, whole: number): DamagedLog => {
  const { file, offset } = segments.placeOf(whole);
  return damageAt(
    segments.placeOf(head),
    `what lies there is not what was written there, but from position ${whole} on (${file}, byte ${offset}) lie whole events again`,
  );
};

const acknowledgedGone = (segments: Segments, head: number, acknowledged: number): DamagedLog =>
  damageAt(
    segments.placeOf(head),
    `it ends there, but events up to position ${acknowledged} were answered for: ${acknowledged - head} bytes of them are cut off or written over`,
  );
