import { brokenOrder } from './check-send-order.js';
import type { Circumstances } from './check-send-order.js';
import type { BotHistory, Logged, Rule, Step, Violation } from './history.js';
import type { LogIndex } from './log-index.js';

type Answered = Extract<Step, { type: 'answered' }>;

/**
 * Checks that posts are durable before they are acknowledged, accepted once, and in the order sent: every answer names the
 * one place of the message in the log, and a repeated post gets the same place, as a duplicate.
 */
export const checkPosting = (
  history: BotHistory,
  log: LogIndex,
  circumstances: Circumstances = {},
): Violation[] => {
  const { bot, steps } = history;
  const violations: Violation[] = [];
  const found = (rule: Rule, detail: string): void => void violations.push({ rule, bot, detail });
  const answers = steps.filter((step) => step.type === 'answered');

  const answered = new Set<string>();
  const asNew = new Set<string>();
  for (const answer of answers) {
    checkAnswer(answer, asNew.has(answer.id), log.eventsOf(bot, answer.id), found);
    answered.add(answer.id);
    if (!answer.duplicate) asNew.add(answer.id);
  }
  const sent = steps.filter((step) => step.type === 'posting');
  const unanswered = new Set(sent.map(({ id }) => id).filter((id) => !answered.has(id)));
  for (const id of unanswered) found('never answered', id);
  for (const [earlier, later] of brokenOrder(history, log, circumstances))
    found('send order broken', `${later.id}: ${later.channel}/${later.seq} sent after ${earlier.seq}`);
  return violations;
};

type Found = (rule: Rule, detail: string) => void;

const checkAnswer = (answer: Answered, claimed: boolean, logged: readonly Logged[], found: Found): void => {
  const place = `${answer.id}: ${answer.channel}/${answer.seq}`;
  const [there] = logged;
  if (!there) {
    found('acknowledged but not in the log', place);
    return;
  }
  if (there.channel !== answer.channel || there.seq !== answer.seq || there.at !== answer.at)
    found('answered with another place', `${place}, in the log ${there.channel}/${there.seq}`);
  // An answer without `duplicate` claims that this sending stored the message. Only one can have, and none made later.
  const wasThere = claimed || there.at < answer.sentAt;
  if (wasThere && !answer.duplicate) found('answered as new though it was there', place);
};

/** Checks the log itself: no hole in a channel, no id of a bot twice, nothing that nobody sent. */
export const checkLog = (histories: readonly BotHistory[], log: LogIndex): Violation[] => {
  const violations: Violation[] = [];
  const sent = new Set(
    histories.flatMap(({ bot, steps }) =>
      steps
        .filter((step) => step.type === 'posting')
        .map(({ id, channel, body }) => nameOf({ bot, id, channel, body })),
    ),
  );
  for (const message of log.messages) {
    const { bot, id, channel, seq } = message;
    const detail = `${id}: ${channel}/${seq}`;
    if (!sent.has(nameOf(message))) violations.push({ rule: 'in the log but never sent', bot, detail });
    if (log.eventsOf(bot, id).length > 1) violations.push({ rule: 'in the log more than once', bot, detail });
  }
  for (const channel of log.channels) {
    for (let seq = 0; seq <= log.head(channel); seq += 1) {
      if (!log.at({ channel, seq }))
        violations.push({ rule: 'the log has a hole', bot: '', detail: `${channel}/${seq}` });
    }
  }
  return violations;
};

const nameOf = ({ bot, id, channel, body }: Pick<Logged, 'bot' | 'id' | 'channel' | 'body'>): string =>
  `${bot}/${id}/${channel}/${body}`;
