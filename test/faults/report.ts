import type { Crew } from './crew.js';

/** A line for whoever watches: these runs take minutes. */
export const report = (line: string): void => void process.stdout.write(`  ${line}\n`);

/** What was put to the test, and how long each start took. */
export const summaryOf = (crew: Crew, logged: number, readyMs: readonly number[]): string => {
  const retried = crew.histories.reduce((sum, { steps }) => {
    const first = new Set<string>();
    return sum + steps.filter((step) => step.type === 'answered' && isLate(step, first)).length;
  }, 0);
  const sorted = readyMs.toSorted((one, other) => one - other).map(Math.round);
  return [
    `${logged} messages in the log, ${crew.count('posting')} sendings, ${crew.count('answered')} answers`,
    `${retried} messages first answered as duplicates (their acknowledgement was lost)`,
    `${crew.count('received')} deliveries over ${crew.count('connected')} connections, ${crew.count('put-off')} posts put off`,
    ...(sorted.length > 0
      ? [`ready after ${sorted[0]} to ${sorted.at(-1)} ms, median ${sorted[sorted.length >> 1]} ms`]
      : []),
  ].join('\n  ');
};

const isLate = ({ id, duplicate }: { id: string; duplicate: boolean }, first: Set<string>): boolean => {
  if (first.has(id)) return false;
  first.add(id);
  return duplicate;
};
