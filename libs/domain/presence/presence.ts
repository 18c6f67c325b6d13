import type { PresenceEvent } from './presence.events.js';

/** A connection as its stream has it. `revision` tells which of two is the newer. */
export type OpenConnection = Readonly<{
  connection: string;
  consumer: string;
  gateway: string;
  revision: number;
}>;

/** One bot's presence: online while any connection is open. */
export type BotPresence = Readonly<{
  connections: readonly OpenConnection[];
  /** Of the last event taken in; -1 before the first. */
  revision: number;
  /** When it last came or went, ISO 8601 UTC; undefined for a bot that never came. */
  since?: string;
  /** Why it went, while it is offline. */
  reason?: string;
}>;

export const neverSeen: BotPresence = { connections: [], revision: -1 };

export const isOnline = ({ connections }: BotPresence): boolean => connections.length > 0;

/** An event of the bot's stream at its place there; `at` is when the store recorded it. */
export type RecordedPresence = Readonly<{ event: PresenceEvent; revision: number; at: string }>;

/** Takes an event in once; what closes a connection that is not open changes nothing but the revision. */
export const evolvePresence = (
  state: BotPresence,
  { event, revision, at }: RecordedPresence,
): BotPresence => {
  if (revision <= state.revision) return state;
  const { connection, consumer, gateway } = event.data;
  const others = state.connections.filter((one) => one.connection !== connection);
  if (event.type === 'BotConnected') {
    const connections = others.concat({ connection, consumer, gateway, revision });
    return { connections, revision, since: isOnline(state) ? state.since! : at };
  }
  const leaves = isOnline(state) && others.length === 0;
  if (leaves) return { connections: others, revision, since: at, reason: event.data.reason };
  return { ...state, connections: others, revision };
};
