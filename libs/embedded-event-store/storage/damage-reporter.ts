import type { DamagedLog } from './damaged-log.js';

/** Places that are remembered as told. */
const MOST = 1_000;

/** Tells of each damaged place once, however often it is read: in one line, and as it is. */
export const damageReporter = (
  say: (line: string) => void = () => {},
  tell: (damage: DamagedLog) => void = () => {},
): ((damage: DamagedLog) => void) => {
  const told = new Set<number>();
  return (damage) => {
    const { message, place } = damage;
    if (place === undefined || told.has(place.position) || told.size === MOST) return;
    told.add(place.position);
    say(`${message}. Who reads it gets an error; "verbatim event-store check" looks at all of the log`);
    tell(damage);
  };
};
