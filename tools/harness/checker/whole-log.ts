import type { Logged, Rule, Violation } from './history.js';
import { LogIndex } from './log-index.js';
import type { RetentionRecord } from './retention-record.js';

/**
 * Returns every message that was ever in a log, even if some were scavenged: the messages that somebody saw arrive, and
 * those that are left. They are in the order of their seqs.
 */
export const wholeLog = (seen: readonly Logged[], left: readonly Logged[]): readonly Logged[] => {
  const byPlace = new Map([...seen, ...left].map((message) => [placeOf(message), message]));
  return [...byPlace.values()].toSorted((one, other) => one.seq - other.seq);
};

/** Checks that every message seen in the log is still there unchanged, unless it was scavenged while retention hid it. */
export const checkLeft = (
  seen: readonly Logged[],
  left: readonly Logged[],
  retention: RetentionRecord,
): readonly Violation[] => {
  const there = new Map(left.map((message) => [placeOf(message), message]));
  const log = new LogIndex(wholeLog(seen, left), retention);
  return seen.flatMap((message) => {
    const same = there.get(placeOf(message));
    if (same) return isSame(message, same) ? [] : [violation('changed in the log', message)];
    return log.wasScavenged(message)
      ? []
      : [violation('gone from the log though nothing had hidden it', message)];
  });
};

const placeOf = ({ channel, seq }: Logged): string => `${channel}/${seq}`;

const isSame = (one: Logged, other: Logged): boolean =>
  one.bot === other.bot && one.id === other.id && one.body === other.body && one.at === other.at;

const violation = (rule: Rule, { bot, id, channel, seq }: Logged): Violation => ({
  rule,
  bot,
  detail: `${id}: ${channel}/${seq}`,
});
