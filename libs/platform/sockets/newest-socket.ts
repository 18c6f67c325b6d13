import type { Namespace, Socket } from 'socket.io';
import { Boundary } from '../faults/boundary.js';
import { noteRefusal, shownBy } from '../access/refusals.js';
import { seenAddress } from '../connections/seen-addresses.js';
import { RequestError } from '#libs/protocol/errors.js';
import { endConnection } from './engine-connection.js';
import type { EngineConnection } from './engine-connection.js';
import { intakeOf } from './engine-door.js';
import { toRequestError } from '../errors/to-request-error.js';
import { clientClass, clientOf, endQuietly, forgetArriving, namespaceOf } from './socket-io-client.js';
import type { Client, Packet } from './socket-io-client.js';

/** Decides about a socket. Resolves with what takes that back should the socket never be connected; throws a refusal. */
type Admit<Admitted extends Socket> = (socket: Admitted) => Promise<() => void>;

const ADMISSION = new Boundary('sockets.admission');
const PACKET = new Boundary('sockets.packet');

/** As Socket.IO's protocol numbers its packets. */
const CONNECT = 0;
const DISCONNECT = 1;

/** The reason of a socket that a newer one of its connection and namespace took the place of. */
export const REPLACED = 'replaced on its connection';

const managed = new WeakSet<object>();
/** By connection and namespace: the newest CONNECT that is not decided about, by its payload. */
const arrivals = new WeakMap<Client, Map<string, object>>();
/** Payloads of CONNECTs that came before an earlier one was decided about. */
const askedAgain = new WeakSet<object>();

/**
 * Lets sockets into a namespace, of each connection the newest alone: a client that connects again before it was
 * answered, as `connect(); disconnect(); connect()` has it do, wants what it said last. The earlier attempt is dropped
 * without an answer, for clients would take that as one to the newest.
 *
 * @param refusalOf what a client that is not let in is told; undefined when it is told nothing
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
      () => socket.conn.close(),
    ),
  );
};

/**
 * Ends an older socket of the same connection and namespace. The client is not told by Socket.IO's own packet, which
 * it would take for the end of the newest.
 * @returns whether the connection had asked for this namespace before
 */
export const replaceOlder = (newest: Socket): boolean => {
  const client = clientOf(newest)!;
  const { name } = newest.nsp;
  const isJoined = client.nsps.get(name) === newest;
  const older = [...client.sockets.values()].filter((one) => one !== newest && one.nsp === newest.nsp);
  for (const one of older) {
    endQuietly(one, REPLACED);
    // It took the namespace's entry with it, which is the newest's by now.
    if (isJoined) client.nsps.set(name, newest);
  }
  return older.length > 0 || askedAgain.has(newest.handshake.auth);
};

/**
 * Ends one namespace of a connection, and the connection as well once no other namespace uses it: within half a second,
 * also where the peer reads nothing.
 */
export const endNamespace = (socket: Pick<Socket, 'disconnect'>): void => {
  const client = clientOf(socket);
  socket.disconnect(client === undefined);
  if (client?.sockets.size === 0 && !arrivals.has(client)) endConnection(client.conn, false);
};

/** Cuts the connection of a socket, within half a second whatever its peer does: clients come back by themselves. */
export const cutConnection = (socket: Readonly<{ conn: object }>): void =>
  endConnection(socket.conn as EngineConnection, false);

const isNewest = (socket: Socket): boolean =>
  arrivals.get(clientOf(socket)!)?.get(socket.nsp.name) === socket.handshake.auth;

/** A key or a token, or whatever stands in its place. */
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

/** Returns whether a CONNECT was there to be decided about. */
const depart = (client: Client, namespace: string): boolean => {
  const arriving = arrivals.get(client);
  const wasArriving = arriving?.delete(namespace) ?? false;
  if (arriving?.size === 0) arrivals.delete(client);
  return wasArriving;
};

let watching = false;

/**
 * By itself Socket.IO closes a connection that asks again for a namespace it is in, or leaves one it is not in yet; and where
 * a packet breaks its protocol it does not say so.
 */
const watchPackets = (): void => {
  if (watching) return;
  watching = true;
  const { prototype } = clientClass();
  const handle: (this: Client, packet: Packet) => void = Reflect.get(prototype, 'ondecoded');
  prototype.ondecoded = function (this: Client, packet: Packet): void {
    PACKET.run(
      () => take(this, packet, handle),
      () => this.conn.close(),
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
  if (type === CONNECT && isManaged) {
    const auth = (data as object | undefined) ?? {};
    arrive(client, nsp, auth);
    client.connect(nsp, auth);
  } else if (type === DISCONNECT && depart(client, nsp) && !client.nsps.has(nsp)) return;
  else handle.call(client, packet);
};
