import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Namespace, Socket } from 'socket.io';
import type { EngineConnection } from './engine-connection.js';

export type Packet = Readonly<{ type: number; nsp: string; data?: unknown }>;

/**
 * The parts that are used here of Socket.IO's own object for a connection, which the sockets of all its namespaces
 * share.
 */
export type Client = {
  readonly conn: EngineConnection;
  readonly server: Readonly<Record<'_nsps', ReadonlyMap<string, Namespace>>>;
  readonly sockets: ReadonlyMap<string, Socket>;
  readonly nsps: Map<string, Socket>;
  ondecoded(packet: Packet): void;
  onerror(error: Error): void;
  connect(namespace: string, auth: object): void;
};

/** Returns a namespace by its name, if it exists. */
export const namespaceOf = (client: Client, name: string): Namespace | undefined =>
  client.server['_nsps'].get(name);

/** Returns the connection of a socket, or undefined for an object that stands in for a socket in a test. */
export const clientOf = (socket: object): Client | undefined => (socket as { client?: Client }).client;

type Internals = Record<'_cleanup', () => void> & Record<'_onclose', (reason: string) => void>;

/** Ends a connected socket without sending a packet to its client. */
export const endQuietly = (socket: Socket, reason: string): void =>
  (socket as unknown as Internals)['_onclose'](reason);

/** Forgets a socket that is not connected yet. */
export const forgetArriving = (socket: Socket): void => (socket as unknown as Internals)['_cleanup']();

/**
 * Returns the class of {@link Client}, from the same copy of Socket.IO that Nest uses. Socket.IO does not export it,
 * and shows a connection to nobody before it has handled its first packet.
 */
export const clientClass = (): { prototype: Client } => {
  const require = createRequire(createRequire(import.meta.url).resolve('@nestjs/platform-socket.io'));
  const file = join(dirname(require.resolve('socket.io')), 'client.js');
  return (require(file) as { Client: { prototype: Client } }).Client;
};
