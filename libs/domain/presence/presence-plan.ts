import type { BotPresence, OpenConnection } from './presence.js';
import type { PresenceEvent } from './presence.events.js';

/** What one gateway holds of a bot. */
export type HeldConnections = Readonly<{
  /** Open here. `announced`: the log has had it open before. */
  live: readonly Readonly<{ connection: string; consumer: string; announced: boolean }>[];
  /** Ended here, with the reason. */
  ended: ReadonlyMap<string, string>;
}>;

export type PresencePlan = Readonly<{
  /** What is to be recorded so that the log agrees with what is held. */
  events: readonly PresenceEvent[];
  /** Live connections that a newer one of the same consumer has taken the place of, wherever that is. */
  superseded: readonly string[];
}>;

/** Reason of a connection that ended without anybody having seen how. */
const UNSEEN_END = 'connection_lost';

/**
 * What a gateway has to do so that the log shows its connections of one bot: new ones are announced and close the older
 * one of their consumer; ended ones are closed, and so are those of gateways that are lost. A connection that the log
 * has lost (others thought its gateway dead) is announced again, unless its consumer has come back elsewhere meanwhile.
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
      ...fresh.map(({ connection, consumer }): PresenceEvent => {
        return { type: 'BotConnected', data: { bot, consumer, connection, gateway } };
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

const isSuperseded = (
  { connection, consumer, announced }: HeldConnections['live'][number],
  recorded: BotPresence,
): boolean => {
  const own = recorded.connections.find((one) => one.connection === connection);
  if (own === undefined && !announced) return false;
  const others = recorded.connections.filter(
    (one) => one.consumer === consumer && one.connection !== connection,
  );
  return others.some(({ revision }) => own === undefined || revision > own.revision);
};
