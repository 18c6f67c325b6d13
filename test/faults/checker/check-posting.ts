import type { BotHistory, Logged, Rule, Step, Violation } from './history.js';
import type { LogIndex } from './log-index.js';

type Answered = Extract<Step, { type: 'answered' }>;
type Posting = Extract<Step, { type: 'posting' }>;

/**
 * Durable before acknowledged, accepted once, in the order sent: every answer names the one place where the message
 * lies in the log, whoever asks again hears the same place as a duplicate, and what was put off keeps no order.
 */
export const checkPosting = (
  history: BotHistory,
  log: LogIndex,
  { refusalsGetLost = false }: Circumstances = {},
): Violation[] => {
  const { bot, steps } = history;
  const violations: Violation[] = [];
  const found = (rule: Rule, detail: string): void => void violations.push({ rule, bot, detail });
  const answers = steps.filter((step) => step.type === 'answered');

  const answered = new Set<string>();
  const asNew = new Set<string>();
  for (const answer of answers) {
    checkAnswer(answer, asNew.has(answer.id), log.of(bot, answer.id), found);
    answered.add(answer.id);
    if (!answer.duplicate) asNew.add(answer.id);
  }
  const sent = steps.filter((step) => step.type === 'posting');
  const unanswered = new Set(sent.map(({ id }) => id).filter((id) => !answered.has(id)));
  for (const id of unanswered) found('never answered', id);
  const exempt = new Set([...withoutOrder(steps), ...(refusalsGetLost ? unheardOf(steps) : [])]);
  checkSendOrder({ bot, sent, exempt }, log, found);
  return violations;
};

/** What the network and the store did to a run. */
export type Circumstances = Readonly<{
  /**
   * A post may be refused and put off without its bot hearing of it, because the connection is lost at that moment while
   * the store is away. Such messages have no say in the order.
   */
  refusalsGetLost?: boolean;
}>;

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
  // An answer without `duplicate` says: this sending put it there. Only one can have, and none that came after.
  const wasThere = claimed || there.at < answer.sentAt;
  if (wasThere && !answer.duplicate) found('answered as new though it was there', place);
};

/** What was put off is sent again behind later messages, and what is sent by two ways at once may overtake. */
const withoutOrder = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) =>
    step.type === 'put-off' || (step.type === 'posting' && step.aside) ? [step.id] : [],
  );

/** Messages that had no answer when the connection they were sent on ended. */
const unheardOf = (steps: readonly Step[]): Set<string> => {
  const lost = new Set<string>();
  let open = new Set<string>();
  for (const step of steps) {
    if (step.type === 'posting' && !step.aside) open.add(step.id);
    if (step.type === 'answered' || step.type === 'put-off') open.delete(step.id);
    if (step.type !== 'connected') continue;
    for (const id of open) lost.add(id);
    open = new Set();
  }
  return lost;
};

type Sent = Readonly<{ bot: string; sent: readonly Posting[]; exempt: ReadonlySet<string> }>;

const checkSendOrder = ({ bot, sent, exempt }: Sent, log: LogIndex, found: Found): void => {
  const last = new Map<string, number>();
  for (const id of new Set(sent.map((post) => post.id))) {
    const [logged] = log.of(bot, id);
    if (!logged || exempt.has(id)) continue;
    const before = last.get(logged.channel) ?? -1;
    if (logged.seq < before)
      found('send order broken', `${id}: ${logged.channel}/${logged.seq} sent after ${before}`);
    last.set(logged.channel, Math.max(before, logged.seq));
  }
};

/** The log itself: no hole in a channel, no id of a bot twice, nothing that nobody sent. */
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
    if (log.of(bot, id).length > 1) violations.push({ rule: 'in the log more than once', bot, detail });
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
