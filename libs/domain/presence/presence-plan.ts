import type { BotPresence, OpenConnection } from './presence.js';
import type { PresenceEvent } from './presence.events.js';

/** The connections of one bot that one gateway holds. */
export type HeldConnections = Readonly<{
  /**
   * Connections that are open here. `announced` means that the log has already shown the connection as open. `began` is
   * when it began, in milliseconds since 1970, and `seen` the revision up to which this gateway knew the bot's stream
   * then.
   */
  live: readonly Readonly<{
    connection: string;
    consumer: string;
    announced: boolean;
    began: number;
    seen: number;
  }>[];
  /** Connections that ended here, each with its reason. */
  ended: ReadonlyMap<string, string>;
}>;

export type PresencePlan = Readonly<{
  /** The events to append so that the log matches the connections that are held. */
  events: readonly PresenceEvent[];
  /** Live connections that a newer connection of the same consumer has replaced, on any gateway. */
  superseded: readonly string[];
}>;

/** The reason recorded for a connection whose end nobody saw. */
const UNSEEN_END = 'connection_lost';

/**
 * Plans what a gateway has to record so that the log shows its connections of one bot. New connections are
 * announced and close the older one of their consumer. Ended connections are closed, and so are those of lost
 * gateways. If other gateways took this one for dead and closed a live connection in the log, it is announced
 * again, unless its consumer has reconnected elsewhere in the meantime.
 */
export const planPresence = (
  bot: string,
  held: HeldConnections,
  recorded: BotPresence,
  { gateway, lost }: Readonly<{ gateway: string; lost: ReadonlySet<string> }>,
): PresencePlan => {
  const superseded = held.live.filter((one) => isSuperseded(one, recorded)).map((one) => one.connection);
  const live = held.live.filter(({ connection }) => !superseded.includes(connection));
  const fresh = live.filter(({ connection }) => !isOpen(recorded, connection));
  const reasonOf = (one: OpenConnection): string | undefined => {
    if (fresh.some(({ consumer }) => consumer === one.consumer) || superseded.includes(one.connection))
      return 'superseded';
    if (one.gateway !== gateway) return lost.has(one.gateway) ? 'gateway_lost' : undefined;
    if (live.some(({ connection }) => connection === one.connection)) return undefined;
    return held.ended.get(one.connection) ?? UNSEEN_END;
  };
  return {
    superseded,
    events: [
      ...fresh.map(({ connection, consumer, began }): PresenceEvent => {
        return { type: 'BotConnected', data: { bot, consumer, connection, gateway, began } };
      }),
      ...recorded.connections.flatMap((one): PresenceEvent[] => {
        const reason = reasonOf(one);
        const { connection, consumer } = one;
        if (reason === undefined) return [];
        return [
          { type: 'BotDisconnected', data: { bot, consumer, connection, gateway: one.gateway, reason } },
        ];
      }),
    ],
  };
};

const isOpen = (recorded: BotPresence, connection: string): boolean =>
  recorded.connections.some((one) => one.connection === connection);

/**
 * A connection is superseded by one that the log shows later. One that the log has never shown was kept from it: its
 * gateway hung, or the store was away. What came into the log meanwhile may be older or newer, so the clocks decide.
 * Otherwise a connection that its bot has long given up could end the bot's newest one.
 */
const isSuperseded = (held: HeldConnections['live'][number], recorded: BotPresence): boolean => {
  const { connection, consumer, announced, began, seen } = held;
  const own = recorded.connections.find((one) => one.connection === connection);
  const others = recorded.connections.filter(
    (one) => one.consumer === consumer && one.connection !== connection,
  );
  if (own) return others.some(({ revision }) => revision > own.revision);
  if (announced) return others.length > 0;
  return others.some((other) => other.revision > seen && (other.began ?? 0) > began);
};
