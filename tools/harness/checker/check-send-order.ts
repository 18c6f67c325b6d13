import type { BotHistory, Step } from './history.js';
import type { LogIndex } from './log-index.js';

/** Conditions of a run that the checker must allow for. */
export type Circumstances = Readonly<{
  /**
   * Whether a post may be refused for a while without its bot learning of it, because the connection is lost while the
   * store is away.
   */
  refusalsGetLost?: boolean;
}>;

/** One sending of a message: when, on which connection (undefined: outside it, over HTTP), and the answer it got there. */
type Sending = { at: number; connection: number | undefined; heard?: 'new' | 'duplicate' | 'put-off' };

/** One message of the log as its bot sent it. `storedBy` is when the bot first knew that it was stored. */
type SentMessage = { id: string; channel: string; seq: number; sendings: Sending[]; storedBy: number };

/** Two messages of one bot and channel, in the order in which they were first sent. */
export type SentPair = readonly [earlier: SentMessage, later: SentMessage];

/**
 * Finds the pairs that are in the log in the wrong order, and for which no allowed order of sendings explains it.
 *
 * One sending of a message gave it its place: the one answered as new, or else any that got no answer. On one connection,
 * everything sent earlier is accepted earlier, unless it was refused. So a message may precede one that was sent earlier only
 * if one of its sendings can have overtaken it: it went outside the connection, or on a connection that never carried the
 * other message or had refused it for a while. A refusal may be lost with the connection, but not if an answer to the later
 * message arrived, because refusals are sent before answers to later messages. A message that the bot knew to be stored
 * when it sent another one must precede that one in any case.
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

/** Counts the pairs of neighbours in the log that would be found if they were swapped, and all pairs of neighbours. */
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

/** Whether the later message can't precede the earlier one, whichever of its sendings stored it. */
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

/** Returns the messages of one bot that are in the log: one list per channel, in the order first sent. */
const sentMessages = ({ bot, steps }: BotHistory, log: LogIndex): readonly SentMessage[][] => {
  const messages = new Map<string, SentMessage>();
  const sent = new Map<number, { message: SentMessage; sending: Sending }>();
  let connection = 0;
  for (const [at, step] of steps.entries()) {
    if (step.type === 'connected') connection += 1;
    if (step.type === 'posting') {
      const [logged] = log.eventsOf(bot, step.id);
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
