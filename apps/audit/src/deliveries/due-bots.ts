import { isChannelEvent } from '#libs/event-store/codec/event-types.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';

/**
 * A bot's membership that may cover a message. `from` is the last seq before it. `left`: the event that ended it, before
 * or after the message.
 */
export type Membership = Readonly<{
  bot: string;
  from: number;
  joinedAt: Date;
  left?: Readonly<{ eventId: string; at: Date }>;
}>;

/**
 * Returns, by the names of the bots, the memberships to which a message was due unless they ended before it. A member
 * is due every message after the seq at which its membership began, so of a bot's memberships only the last one that
 * began before the message counts: an earlier one ended before that began.
 */
export const dueBots = (events: Iterable<RecordedEvent>, seq: number): Membership[] => {
  const due = new Map<string, Membership>();
  /** The bots whose present membership is the one in `due`. */
  const present = new Set<string>();
  for (const event of events) {
    if (event.unreadable !== undefined || !isChannelEvent(event)) continue;
    if (event.type === 'BotJoined') {
      const { bot, from } = event.data;
      if (from < seq) due.set(bot, { bot, from, joinedAt: event.at });
      if (from < seq) present.add(bot);
    } else if (event.type === 'BotLeft' && present.delete(event.data.bot)) {
      const membership = due.get(event.data.bot)!;
      due.set(event.data.bot, { ...membership, left: { eventId: event.eventId, at: event.at } });
    }
  }
  return [...due.values()].toSorted((a, b) => (a.bot < b.bot ? -1 : 1));
};
