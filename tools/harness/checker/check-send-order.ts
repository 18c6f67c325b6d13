import type { BotHistory, Step } from './history.js';
import type { LogIndex } from './log-index.js';

/** What the network and the store did to a run. */
export type Circumstances = Readonly<{
  /**
   * A post may be refused and put off without its bot hearing of it, because the connection is lost at that moment while
   * the store is away.
   */
  refusalsGetLost?: boolean;
}>;

/** One sending of a message: when, by which connection (undefined: aside), and what its bot heard of it there. */
type Sending = { at: number; connection: number | undefined; heard?: 'new' | 'duplicate' | 'put-off' };

/** One message of the log as its bot sent it; `storedBy`: when the bot first knew that it is stored. */
type SentMessage = { id: string; channel: string; seq: number; sendings: Sending[]; storedBy: number };

/** Two messages of one bot and channel, in the order in which they were first sent. */
export type SentPair = readonly [earlier: SentMessage, later: SentMessage];

/**
 * The pairs that lie in the log the wrong way round and can't have come there by sendings in their order.
 *
 * A message has its place by one of its sendings: the one answered as new, else any that was not answered. On one
 * connection whatever was sent before it was taken before it, unless it was refused. So a message may lie before one
 * that was sent earlier only if one of its sendings can have got ahead: sent aside, or on a connection that had not been
 * given the other one, or had put it off. A refusal may be lost with the connection; but not where an answer to the
 * later message came through, for refusals are told before later messages are. What the bot knew to be stored when
 * it sent another lies before that in any case.
 */
export const brokenOrder = (
  history: BotHistory,
  log: LogIndex,
  circumstances: Circumstances,
): readonly SentPair[] =>
  sentMessages(history, log).flatMap((messages) => {
    let highest = -1;
    return messages.flatMap((later, index) => {
      const isBehindAll = later.seq > highest;
      highest = Math.max(highest, later.seq);
      if (isBehindAll) return [];
      const ahead = messages
        .slice(0, index)
        .find((earlier) => earlier.seq > later.seq && isBound([earlier, later], circumstances));
      return ahead ? [[ahead, later] as const] : [];
    });
  });

/** How many neighbours in the log could not lie the other way round without being found, and how many there are. */
export const boundNeighbours = (
  histories: readonly BotHistory[],
  log: LogIndex,
  circumstances: Circumstances,
): Readonly<{ bound: number; all: number }> => {
  const pairs = histories.flatMap((history) =>
    sentMessages(history, log).flatMap((messages) =>
      messages.slice(1).map((later, index) => [messages[index]!, later] as const),
    ),
  );
  return { bound: pairs.filter((pair) => isBound(pair, circumstances)).length, all: pairs.length };
};

/** Whether the later one can't lie before the earlier one, whichever of its sendings brought it there. */
const isBound = ([earlier, later]: SentPair, circumstances: Circumstances): boolean => {
  const claimed = later.sendings.filter(({ heard }) => heard === 'new');
  const possible = claimed.length > 0 ? claimed : later.sendings.filter(({ heard }) => heard !== 'duplicate');
  return possible.every(
    (sending) =>
      earlier.storedBy < sending.at ||
      earlier.sendings.some((before) => wasTakenBefore(before, sending, circumstances)),
  );
};

const wasTakenBefore = (
  before: Sending,
  sending: Sending,
  { refusalsGetLost = false }: Circumstances,
): boolean => {
  const { connection } = sending;
  if (connection === undefined || before.connection !== connection || before.at > sending.at) return false;
  if (before.heard !== undefined) return before.heard !== 'put-off';
  return !refusalsGetLost || sending.heard === 'new';
};

/** What lies in the log of one bot's messages, a list a channel, in the order first sent. */
const sentMessages = ({ bot, steps }: BotHistory, log: LogIndex): readonly SentMessage[][] => {
  const messages = new Map<string, SentMessage>();
  const sent = new Map<number, { message: SentMessage; sending: Sending }>();
  let connection = 0;
  for (const [at, step] of steps.entries()) {
    if (step.type === 'connected') connection += 1;
    if (step.type === 'posting') {
      const [logged] = log.of(bot, step.id);
      if (!logged) continue;
      const message = messages.get(step.id) ?? { ...logged, sendings: [], storedBy: Infinity };
      messages.set(step.id, message);
      const sending: Sending = { at, connection: step.aside ? undefined : connection };
      message.sendings.push(sending);
      sent.set(step.sending, { message, sending });
    }
    const told = step.type === 'answered' || step.type === 'put-off' ? sent.get(step.sending) : undefined;
    if (told) hear(step, at, told);
  }
  const channels = new Map<string, SentMessage[]>();
  for (const message of messages.values())
    channels.set(message.channel, [...(channels.get(message.channel) ?? []), message]);
  return [...channels.values()];
};

const hear = (
  step: Step,
  at: number,
  { message, sending }: { message: SentMessage; sending: Sending },
): void => {
  if (step.type === 'put-off') sending.heard = 'put-off';
  if (step.type !== 'answered') return;
  sending.heard = step.duplicate ? 'duplicate' : 'new';
  message.storedBy = Math.min(message.storedBy, at);
};
