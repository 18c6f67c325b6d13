import { decideConversation } from './conversation.decider.js';
import { Rejection } from '../rejection.js';
import type { ConversationCommand, Known, Target } from './conversation.decider.js';
import type { ConversationEvent } from './conversation.events.js';

/** The outcome of one command: its events (none for a repeat), or the reason why it failed. */
export type Verdict = readonly ConversationEvent[] | Error;

/**
 * Decides commands to one channel in order. Each command sees the effects of the commands before it, so that
 * a bot may post, edit and redact without waiting for answers. `known` holds, for each command, what the log
 * says about it, or the error that made this unknowable.
 */
export const decideBatch = (
  commands: readonly ConversationCommand[],
  known: readonly (Known | Error)[],
): Verdict[] => {
  const changed = new Map<string, Target>();
  return commands.map((command, index) => {
    const verdict = decideOne(command, known[index]!, changed);
    if (!(verdict instanceof Error)) for (const event of verdict) note(event, changed);
    return verdict;
  });
};

const decideOne = (
  command: ConversationCommand,
  known: Known | Error,
  changed: ReadonlyMap<string, Target>,
): Verdict => {
  const target = command.type === 'PostMessage' ? undefined : changed.get(keyOf(command.bot, command.target));
  if (known instanceof Error && target === undefined) return known;
  const inLog = known instanceof Error ? {} : known;
  try {
    return decideConversation(command, { earlier: inLog.earlier, target: target ?? inLog.target });
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
};

const note = ({ type, data }: ConversationEvent, changed: Map<string, Target>): void => {
  changed.set(keyOf(data.bot, data.id), { bot: data.bot, type, redacted: false });
  if (type !== 'MessageRedacted') return;
  changed.set(keyOf(data.bot, data.target), { bot: data.bot, type: 'MessagePosted', redacted: true });
};

const keyOf = (bot: string, id: string): string => `${bot}/${id.toLowerCase()}`;
