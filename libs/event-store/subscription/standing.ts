import { comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';

/** What a look into the log says about a source that waits. `unknown`: the look was not answered. */
export type Look = 'behind' | 'level' | 'unknown';

/** A source that stood at one place while the log had more for it, and how many looks have found it so. */
export type Standing = Readonly<{ place: LogPosition; looks: number }>;

/** Looks that must find a source behind, before it counts as stuck. */
export const PROOF_LOOKS = 3;
/** No place needs more looks than this, however often a source was opened again there. */
const MOST_LOOKS = 48;

/**
 * Returns what is known about a source after a look at the place where it waits. A look without an answer proves
 * nothing in either direction.
 */
export const standingAfter = (
  before: Standing | undefined,
  place: LogPosition,
  look: Look,
): Standing | undefined => {
  if (look === 'level') return undefined;
  const same = before && comparePositions(before.place, place) === 0 ? before : { place, looks: 0 };
  return look === 'unknown' ? same : { place, looks: same.looks + 1 };
};

/**
 * Returns how many looks prove that a source is stuck at a place where sources were opened again `renewals` times. The
 * number doubles each time, so that a store that is only slow gets the time that it needs.
 */
export const looksNeeded = (renewals: number): number =>
  Math.min(MOST_LOOKS, PROOF_LOOKS * 2 ** Math.min(renewals, 10));
