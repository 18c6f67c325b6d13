import type { Namespace, Socket } from 'socket.io';
import type { ToBot } from './wire-events.js';

type FromBot = Record<string, (...args: unknown[]) => void>;
type BetweenServers = Record<string, never>;

/** Frames of this turn of the event loop that are not written yet. */
type SocketData = { held?: Buffer[] };

export type BotNamespace = Namespace<FromBot, ToBot, BetweenServers, SocketData>;
export type BotSocket = Socket<FromBot, ToBot, BetweenServers, SocketData>;

/** The room of a channel's live connections: one encoding of a message serves all of them. */
export const channelRoom = (channel: string): string => `channel:${channel}`;
