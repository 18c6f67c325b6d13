import type { LogPosition } from '#libs/event-store/position.js';
import { isInstant, ticksAt } from '#libs/protocol/validation/instants.js';
import { isPosition } from '#libs/protocol/validation/query-rules.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';

/** A place in the log that somebody named: everything up to a position, or recorded up to a time. Both are inclusive. */
export type Place = Readonly<{ position: bigint } | { ticks: bigint }>;

/** The store's times are finer than a millisecond, and a time to the millisecond includes all of it. */
const TICKS_A_MILLISECOND = 10_000n;

/** Reads a position or a time, to the millisecond; undefined for anything else. */
export const readPlace = (text: string): Place | undefined => {
  if (isPosition(text)) return { position: BigInt(text) };
  return isInstant(text) ? { ticks: ticksAt(text) + TICKS_A_MILLISECOND - 1n } : undefined;
};

/** Returns whether an event lies after a place. */
export const isAfter = (
  place: Place,
  { position, ticks }: Readonly<{ position: LogPosition }> & Pick<StoredEvent, 'ticks'>,
): boolean => ('position' in place ? position.commit > place.position : ticks > place.ticks);
