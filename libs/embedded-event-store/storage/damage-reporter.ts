import type { DamagedLog } from './damaged-log.js';

/** Places that are remembered as told. */
const MOST = 1_000;

/** Tells of each damaged place once, however often it is read. */
export const damageReporter = (
  tell: ((line: string) => void) | undefined,
): ((damage: DamagedLog) => void) => {
  const told = new Set<number>();
  return ({ message, place }) => {
    if (!tell || place === undefined || told.has(place.position) || told.size === MOST) return;
    told.add(place.position);
    tell(`${message}. Who reads it gets an error; "verbatim event-store check" looks at all of the log`);
  };
};
