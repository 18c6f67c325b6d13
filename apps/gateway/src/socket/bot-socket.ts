import type { Namespace, Socket } from 'socket.io';
import type { ToBot } from './wire-events.js';

type FromBot = Record<string, (...args: unknown[]) => void>;
type BetweenServers = Record<string, never>;

/**
 * `held`: frames of this turn of the event loop that are not written yet. `writeHeld` writes them: call it before the
 * connection is closed.
 */
type SocketData = { held?: Buffer[]; writeHeld?: () => void };

export type BotNamespace = Namespace<FromBot, ToBot, BetweenServers, SocketData>;
export type BotSocket = Socket<FromBot, ToBot, BetweenServers, SocketData>;

/** Returns the room of a channel's live connections. A message is encoded once for all of them. */
export const channelRoom = (channel: string): string => `channel:${channel}`;
