import type { Facts, LogState, Subject } from '#libs/time-travel/log-state.js';
import type { Change } from '#libs/time-travel/state-diff.js';
import { formatPosition } from '#libs/event-store/position.js';

/** Which state it is: the last event of it, and how much was read. */
export type StateTold = Readonly<{
  position?: string;
  time?: string;
  events: number;
  unreadable: number;
  missing: number;
}>;

/** Returns what a state says of itself. */
export const toldOf = ({ last, counts }: LogState): StateTold => ({
  ...(last && { position: formatPosition(last.position), time: last.at.toISOString() }),
  ...counts,
});

/** Returns the lines for people that say which state it is. */
export const toldLine = ({ position, time, events, unreadable, missing }: StateTold): string => {
  const where = position === undefined ? 'before the first event' : `position ${position}, ${time}`;
  return [
    `${where}, after ${events} events`,
    ...(unreadable > 0 ? [`${unreadable} of them nobody understands`] : []),
    ...(missing > 0 ? [`${missing} others are missing`] : []),
  ].join('; ');
};

/** Returns a subject as one line for people. */
export const subjectLine = ({ kind, name, facts }: Subject): string =>
  `${kind.padEnd(8)}  ${name.padEnd(24)}  ${factsText(facts)}`;

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** Returns a change as one line for people; of a subject that changed, only what changed. */
export const changeLine = (change: Change): string => {
  const { kind, name } = change;
  return `${SIGNS[change.change]} ${kind.padEnd(8)}  ${name.padEnd(24)}  ${changeText(change)}`;
};

const changeText = (change: Change): string => {
  if (change.change === 'added') return factsText(change.after);
  if (change.change === 'removed') return factsText(change.before);
  const { before, after } = change;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .filter((field) => before[field] !== after[field])
    .map((field) => `${field} ${valueText(before[field])} -> ${valueText(after[field])}`)
    .join('  ');
};

const factsText = (facts: Facts): string =>
  Object.entries(facts)
    .map(([field, value]) => `${field} ${valueText(value)}`)
    .join('  ');

const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? 'none' : JSON.stringify(value);
