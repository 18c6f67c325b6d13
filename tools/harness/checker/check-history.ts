import { checkDelivery } from './check-delivery.js';
import { checkLog, checkPosting } from './check-posting.js';
import type { Circumstances } from './check-send-order.js';
import { LogIndex } from './log-index.js';
import type { BotHistory, Logged, Violation } from './history.js';
import type { RetentionRecord } from './retention-record.js';

/**
 * Compares what clients saw with what is in the log, and with nothing else.
 *
 * All bots must have got their answers and caught up before, because anything missing at the end counts.
 * @returns the broken promises; empty when every promise was kept
 */
export const checkHistory = (
  histories: readonly BotHistory[],
  messages: readonly Logged[],
  circumstances: Circumstances & Readonly<{ retention?: RetentionRecord }> = {},
): readonly Violation[] => {
  const log = new LogIndex(messages, circumstances.retention);
  return [
    ...checkLog(histories, log),
    ...histories.flatMap((history) => [
      ...checkPosting(history, log, circumstances),
      ...checkDelivery(history, log),
    ]),
  ];
};

/** Describes the first violations of every rule, one per line. */
export const describeViolations = (violations: readonly Violation[], perRule = 5): string =>
  [...new Set(violations.map(({ rule }) => rule))]
    .flatMap((rule) => {
      const found = violations.filter((violation) => violation.rule === rule);
      const shown = found.slice(0, perRule).map(({ bot, detail }) => `  ${bot} ${detail}`);
      return [`${rule}: ${found.length}`, ...shown];
    })
    .join('\n');
