import type { DamagedLog } from '../record/damaged-log.js';

/** Number of places that are remembered as reported. */
const MOST = 1_000;

/**
 * Returns a function that reports each damaged place once, however often it is read: as a line of text, and as the
 * error itself.
 */
export const damageReporter = (
  say: (line: string) => void = () => {},
  tell: (damage: DamagedLog) => void = () => {},
): ((damage: DamagedLog) => void) => {
  const told = new Set<number>();
  return (damage) => {
    const { message, place } = damage;
    if (place === undefined || told.has(place.position) || told.size === MOST) return;
    told.add(place.position);
    say(`${message}. Reads of it fail; "verbatim event-store check" checks the whole log`);
    tell(damage);
  };
};
