import type { CrewBot } from '#tools/harness/bots/crew-bot.js';
import type { Crew } from '#tools/harness/bots/crew.js';

/** Prints a line for whoever watches, because these runs take minutes. */
export const report = (line: string): void => void process.stdout.write(`  ${line}\n`);

/** Returns how many posts were put off, by the code of the answer. */
const putOff = (crew: Crew<CrewBot>): string => {
  const counts = new Map<string, number>();
  for (const { steps } of crew.histories) {
    for (const step of steps) {
      if (step.type === 'put-off') counts.set(step.code, (counts.get(step.code) ?? 0) + 1);
    }
  }
  return [...counts].map(([code, times]) => `${times} ${code}`).join(', ') || 'none';
};

/** Returns a summary of what was tested and how long each start took. */
export const summaryOf = (crew: Crew<CrewBot>, logged: number, readyMs: readonly number[]): string => {
  const retried = crew.histories.reduce((sum, { steps }) => {
    const first = new Set<string>();
    return sum + steps.filter((step) => step.type === 'answered' && isLate(step, first)).length;
  }, 0);
  const sorted = readyMs.toSorted((one, other) => one - other).map(Math.round);
  return [
    `${logged} messages in the log, ${crew.count('posting')} sendings, ${crew.count('answered')} answers`,
    `${retried} messages first answered as duplicates (their acknowledgement was lost)`,
    `${crew.count('received')} deliveries over ${crew.count('connected')} connections, posts put off: ${putOff(crew)}`,
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
