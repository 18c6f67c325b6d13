import { evolvePresence, isOnline, neverSeen } from '#libs/domain/presence/presence.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import { isPresenceEvent } from '#libs/event-store/codec/event-types.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';

/** A bot's presence before and after an event of its presence stream. */
export type PresenceChange = Readonly<{ bot: string; before: BotPresence; after: BotPresence }>;

/** Holds in memory which bots are connected, over all gateways, as folded from the log. */
export class PresenceBoard {
  private readonly bots = new Map<string, BotPresence>();

  presenceOf(bot: string): BotPresence {
    return this.bots.get(bot) ?? neverSeen;
  }

  /**
   * Takes an event of a presence stream and returns the change. Returns undefined if the event is already known or
   * belongs to another stream.
   */
  apply(event: RecordedEvent): PresenceChange | undefined {
    const stream = parseStreamName(event.stream);
    if (stream?.family !== 'presence') return undefined;
    const bot = stream.id;
    const before = this.presenceOf(bot);
    const after = evolved(before, event);
    if (after === before) return undefined;
    this.bots.set(bot, after);
    return { bot, before, after };
  }

  /** Restores a bot's presence from a snapshot. */
  restore(bot: string, presence: BotPresence): void {
    this.bots.set(bot, presence);
  }

  /** Returns the bots with an open connection at this gateway. */
  botsAt(gateway: string): string[] {
    return [...this.bots]
      .filter(([, { connections }]) => connections.some((one) => one.gateway === gateway))
      .map(([bot]) => bot);
  }

  /** Returns the gateways with open connections. */
  gateways(): ReadonlySet<string> {
    const gateways = new Set<string>();
    for (const presence of this.bots.values())
      if (isOnline(presence)) for (const { gateway } of presence.connections) gateways.add(gateway);
    return gateways;
  }

  [Symbol.iterator](): IterableIterator<[string, BotPresence]> {
    return this.bots.entries();
  }
}

/**
 * Returns the presence after an event. An event that cannot be decoded has its place in the stream and changes nothing
 * but the revision.
 */
const evolved = (before: BotPresence, event: RecordedEvent): BotPresence => {
  const { revision, at, unreadable } = event;
  if (unreadable === undefined && isPresenceEvent(event))
    return evolvePresence(before, { event, revision, at: at.toISOString() });
  return revision <= before.revision ? before : { ...before, revision };
};
