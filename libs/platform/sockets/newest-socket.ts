import type { Namespace, Socket } from 'socket.io';
import { Boundary } from '../faults/boundary.js';
import { noteRefusal, shownBy } from '../access/refusals.js';
import { seenAddress } from '../connections/seen-addresses.js';
import { RequestError } from '#libs/protocol/errors.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { endConnection } from './engine-connection.js';
import type { EngineConnection } from './engine-connection.js';
import { intakeOf } from './engine-door.js';
import { toRequestError } from '../errors/to-request-error.js';
import { clientClass, clientOf, endQuietly, forgetArriving, namespaceOf } from './socket-io-client.js';
import type { Client, Packet } from './socket-io-client.js';

/**
 * Decides whether a socket is let in. Resolves with a function that undoes the admission if the socket never gets
 * connected. Rejects when the socket is refused.
 */
type Admit<Admitted extends Socket> = (socket: Admitted) => Promise<() => void>;

const ADMISSION = new Boundary('sockets.admission');
const PACKET = new Boundary('sockets.packet');

/** Packet types of the Socket.IO protocol. */
const CONNECT = 0;
const DISCONNECT = 1;

/** Milliseconds that a peer has to close its WebSocket after its last namespace has ended. */
const LEAVING_MS = 400;
/** Milliseconds that a peer which let that time pass has for the closing. Together they stay well below a second. */
const LATE_CLOSING_MS = 200;

/** The disconnect reason of a socket that was replaced by a newer one of the same connection and namespace. */
export const REPLACED = 'replaced on its connection';

const managed = new WeakSet<object>();
/** The payload of the newest undecided CONNECT, for each connection and namespace. */
const arrivals = new WeakMap<Client, Map<string, object>>();
/** Payloads of CONNECTs that came before an earlier CONNECT was decided. */
const askedAgain = new WeakSet<object>();
/** Connections whose peers are expected to close them. */
const leaving = new WeakSet<Client>();

/**
 * Lets sockets into a namespace, but only the newest of each connection. A client that connects again before it was
 * answered, as in `connect(); disconnect(); connect()`, means its last request. The earlier attempt is dropped without
 * an answer, because clients would take the answer for that of the newest one.
 *
 * @param refusalOf returns what a refused client is told, or undefined when it is told nothing
 */
export const admitNewest = <Admitted extends Socket>(
  namespace: Namespace,
  admit: Admit<Admitted>,
  refusalOf: (error: unknown, socket: Admitted) => Error | undefined,
): void => {
  const letIn = async (socket: Admitted, next: (error?: Error) => void): Promise<void> => {
    if (!isNewest(socket)) return drop(socket);
    const { auth } = socket.handshake;
    const admission = auth instanceof RequestError ? Promise.reject<() => void>(auth) : admit(socket);
    const decision = await admission.then(
      (abandon) => ({ abandon, refusal: undefined }),
      (error: unknown) => ({ abandon: () => undefined, refusal: { error } }),
    );
    if (!isNewest(socket)) return drop(socket, decision.abandon);
    depart(clientOf(socket)!, namespace.name);
    if (!decision.refusal) return next();
    const refusal = refusalOf(decision.refusal.error, socket);
    noteRefusal({
      code: toRequestError(decision.refusal.error).code,
      route: `CONNECT ${namespace.name}`,
      ...shownBy(shownIn(socket.handshake.auth)),
      address: seenAddress(socket.conn),
    });
    replaceOlder(socket);
    if (refusal) next(refusal);
  };
  watchPackets();
  managed.add(namespace);
  namespace.use((socket, next) =>
    ADMISSION.run(
      () => letIn(socket as Admitted, next),
      () => cutConnection(socket),
    ),
  );
};

/**
 * Ends any older socket of the same connection and namespace. The client does not get Socket.IO's own packet, because
 * it would take it for the end of the newest socket.
 * @returns whether the connection had asked for this namespace before
 */
export const replaceOlder = (newest: Socket): boolean => {
  const client = clientOf(newest)!;
  const { name } = newest.nsp;
  const isJoined = client.nsps.get(name) === newest;
  const older = [...client.sockets.values()].filter((one) => one !== newest && one.nsp === newest.nsp);
  for (const one of older) {
    endQuietly(one, REPLACED);
    // The older socket removed the namespace's entry, which belongs to the newest socket by now.
    if (isJoined) client.nsps.set(name, newest);
  }
  return older.length > 0 || askedAgain.has(newest.handshake.auth);
};

/**
 * Ends one namespace of a connection, and also the connection when no other namespace uses it. The connection ends
 * within a second even if the peer reads nothing.
 */
export const endNamespace = (socket: Pick<Socket, 'disconnect'>): void => {
  const client = clientOf(socket);
  socket.disconnect(client === undefined);
  if (client && isUnused(client)) leaveTo(client);
};

/**
 * Lets the peer close its WebSocket by itself, as clients do after the packet that ends their last namespace. If we
 * closed it at once, a client that handles the packet and the closing in two threads could take the end for a network
 * failure and come back. Over polling the packet is fetched before the end anyway.
 */
const leaveTo = (client: Client): void => {
  if (client.conn.transport.name !== 'websocket') return endConnection(client.conn, false);
  leaving.add(client);
  const end = (): void => {
    if (leaving.has(client)) endConnection(client.conn, false, LATE_CLOSING_MS);
  };
  SYSTEM_CLOCK.after(LEAVING_MS, end, { unref: true });
};

const isUnused = (client: Client): boolean => client.sockets.size === 0 && !arrivals.has(client);

/** Cuts the connection of a socket within half a second, whatever its peer does. Clients reconnect by themselves. */
export const cutConnection = (socket: Readonly<{ conn: object }>): void =>
  endConnection(socket.conn as EngineConnection, false);

const isNewest = (socket: Socket): boolean =>
  arrivals.get(clientOf(socket)!)?.get(socket.nsp.name) === socket.handshake.auth;

/** Returns the key or token in a handshake, or whatever stands in its place. */
const shownIn = ({ key, token }: { key?: unknown; token?: unknown }): unknown => key ?? token;

const drop = (socket: Socket, abandon?: () => void): void => {
  abandon?.();
  forgetArriving(socket);
};

const arrive = (client: Client, namespace: string, auth: object): void => {
  const arriving = arrivals.get(client) ?? new Map<string, object>();
  arrivals.set(client, arriving);
  if (arriving.has(namespace)) askedAgain.add(auth);
  arriving.set(namespace, auth);
};

/** Forgets an undecided CONNECT. Returns whether there was one. */
const depart = (client: Client, namespace: string): boolean => {
  const arriving = arrivals.get(client);
  const wasArriving = arriving?.delete(namespace) ?? false;
  if (arriving?.size === 0) arrivals.delete(client);
  return wasArriving;
};

let watching = false;

/**
 * Changes how Socket.IO handles packets. By itself it closes a connection that asks again for a namespace it is in, or
 * that leaves one it is not in yet; and it does not tell the client when a packet breaks its protocol.
 */
const watchPackets = (): void => {
  if (watching) return;
  watching = true;
  const { prototype } = clientClass();
  const handle: (this: Client, packet: Packet) => void = Reflect.get(prototype, 'ondecoded');
  prototype.ondecoded = function (this: Client, packet: Packet): void {
    PACKET.run(
      () => take(this, packet, handle),
      () => endConnection(this.conn, false),
    );
  };
  const end: (this: Client, error: Error) => void = Reflect.get(prototype, 'onerror');
  const explainAndEnd = function (this: Client, error: Error): void {
    PACKET.run(() => intakeOf(this.conn)?.explain(error.message));
    end.call(this, error);
  };
  Object.assign(prototype, { onerror: explainAndEnd });
};

const take = (client: Client, packet: Packet, handle: (this: Client, packet: Packet) => void): void => {
  const { type, nsp, data } = packet;
  const namespace = namespaceOf(client, nsp);
  const isManaged = namespace !== undefined && managed.has(namespace);
  // It was sent before the peer learned of the end. Socket.IO would close the connection for it.
  if (leaving.has(client) && type !== CONNECT) return;
  leaving.delete(client);
  if (type === CONNECT && isManaged) {
    const auth = (data as object | undefined) ?? {};
    arrive(client, nsp, auth);
    client.connect(nsp, auth);
  } else if (type === DISCONNECT && depart(client, nsp) && !client.nsps.has(nsp)) return;
  else handle.call(client, packet);
};
