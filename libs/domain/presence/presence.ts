import type { PresenceEvent } from './presence.events.js';

/**
 * An open connection as its stream shows it. Of two connections of a consumer, the one with the higher `revision`
 * counts. `began` is that of its event.
 */
export type OpenConnection = Readonly<{
  connection: string;
  consumer: string;
  gateway: string;
  revision: number;
  began?: number;
}>;

/** The presence of one bot. It is online while any connection is open. */
export type BotPresence = Readonly<{
  connections: readonly OpenConnection[];
  /** Revision of the last event that was applied, or -1 before the first. */
  revision: number;
  /**
   * When the bot last came online or went offline, ISO 8601 UTC. Undefined for a bot that was never online.
   */
  since?: string;
  /** Why the bot went offline. Set only while it is offline. */
  reason?: string;
}>;

export const neverSeen: BotPresence = { connections: [], revision: -1 };

export const isOnline = ({ connections }: BotPresence): boolean => connections.length > 0;

/** An event of the bot's stream with its revision. `at` is when the store recorded it. */
export type RecordedPresence = Readonly<{ event: PresenceEvent; revision: number; at: string }>;

/** Applies each event once. The end of a connection that is not open changes only the revision. */
export const evolvePresence = (
  state: BotPresence,
  { event, revision, at }: RecordedPresence,
): BotPresence => {
  if (revision <= state.revision) return state;
  const { connection, consumer, gateway } = event.data;
  const others = state.connections.filter((one) => one.connection !== connection);
  if (event.type === 'BotConnected') {
    const { began } = event.data;
    const time = began !== undefined && { began };
    const connections = others.concat({ connection, consumer, gateway, revision, ...time });
    return { connections, revision, since: isOnline(state) ? state.since! : at };
  }
  const leaves = isOnline(state) && others.length === 0;
  if (leaves) return { connections: others, revision, since: at, reason: event.data.reason };
  return { ...state, connections: others, revision };
};
