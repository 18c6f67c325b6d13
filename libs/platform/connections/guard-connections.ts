import { Boundary } from '../faults/boundary.js';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { addressGroup } from './client-address.js';
import type { IsTrusted } from './client-address.js';
import { shareOfNewcomers } from '../limits/shared-turns.js';
import { paceNewcomers } from './pace-newcomers.js';
import { StallWatch, takingOfSocket } from './stalled.js';
import { Strangers } from './strangers.js';

const CONNECTION = new Boundary('http.connection');

export type ConnectionLimits = Readonly<{
  /** Connections without an accepted key, in all and of each address. */
  strangers: number;
  strangersEach: number;
  isTrusted: IsTrusted;
}>;

/** Whoever shows a key does so within this time, in milliseconds; older strangers may go for newcomers. */
const GRACE_MS = 2_000;
/** A peer that takes nothing of what waits for it for so long is cut, in milliseconds, and how often that is looked at. */
const STALLED_MS = 30_000;
const LOOK_MS = 5_000;
/** How long a request's head, and all of it, may take to come, in milliseconds, and how often that is looked at. */
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
const CHECK_MS = 2_000;
/** Requests that may wait behind the one that is answered, on one connection. */
const PIPELINED = 16;

const releases = new WeakMap<object, () => void>();

/** To be told of a socket on which an accepted key was shown: it counts as a stranger's no more. */
export const hasShownKey = (socket: object | undefined): void => {
  if (socket) releases.get(socket)?.();
};

/** Strangers by connection and limits, for whatever is counted: sockets here, sessions of Engine.IO elsewhere. */
export const makeStrangers = ({ strangers, strangersEach }: ConnectionLimits): Strangers =>
  new Strangers({ inAll: strangers, each: strangersEach, graceMs: GRACE_MS });

/** By server: its connections, in whatever state they are. */
const connections = new WeakMap<Server, ReadonlySet<Socket>>();

/**
 * Ends all connections of a guarded server at once, and asks no peer. Node's own `closeAllConnections` leaves out those on which no HTTP
 * is spoken: WebSockets, what asked to become one where none is, and TLS before its handshake is done.
 */
export const endConnections = (server: Server): void => {
  for (const socket of connections.get(server) ?? []) socket.destroy();
};

/**
 * Bounds the connections to a server on which no accepted key was shown, and cuts those whose peers take nothing of what
 * waits for them. Connections of a trusted proxy are not counted: it bounds its own. Of many that come at once, few are begun
 * in one turn of the event loop.
 */
export const guardConnections = (server: Server, limits: ConnectionLimits): void => {
  Object.assign(server, { headersTimeout: HEAD_MS, requestTimeout: REQUEST_MS });
  Object.assign(server, { connectionsCheckingInterval: CHECK_MS });
  const open = new Set<Socket>();
  connections.set(server, open);
  const strangers = makeStrangers(limits);
  const begin = (socket: Socket): void => {
    open.add(socket);
    socket.once(
      'close',
      CONNECTION.guard(
        () => open.delete(socket),
        () => open.delete(socket),
      ),
    );
    const peer = socket.remoteAddress ?? '';
    if (limits.isTrusted(peer)) return;
    const stranger = { end: () => void socket.destroy() };
    if (!strangers.arrive(addressGroup(peer), stranger)) {
      socket.destroy();
      return;
    }
    const leave = (): void => strangers.leave(stranger);
    releases.set(socket, leave);
    socket.once('close', CONNECTION.guard(leave, leave));
  };
  // First of all: what is made for a connection that may not stay would be made in vain.
  server.prependListener('connection', (socket: Socket) =>
    CONNECTION.run(
      () => begin(socket),
      () => socket.destroy(),
    ),
  );
  paceNewcomers(server, shareOfNewcomers());
  // Over TLS a connection is known by its encrypted side from the handshake on; before, it is a stranger's like any other.
  server.on(
    'secureConnection',
    CONNECTION.guard((secure: TLSSocket) => {
      const raw = (secure as unknown as Record<'_parent', Socket | undefined>)['_parent'];
      if (!raw) return;
      open.delete(raw);
      open.add(secure);
      secure.once(
        'close',
        CONNECTION.guard(() => open.delete(secure)),
      );
      releases.set(secure, () => releases.get(raw)?.());
    }),
  );
  const watch = new StallWatch<Socket>(STALLED_MS);
  const look = CONNECTION.guard(() => {
    for (const socket of watch.look(open, takingOfSocket)) socket.destroy();
  });
  const looking = setInterval(look, LOOK_MS).unref();
  server.once('close', () => clearInterval(looking));
};

/**
 * Has the requests of one connection dealt with one after the other: whoever sends many without reading the answers has
 * one of them in the works. Takes Express's place for a request's beginning.
 */
export const oneAtATime = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
  const { socket } = request;
  const waiting = queues.get(socket);
  if (waiting && waiting.length >= PIPELINED) {
    socket.destroy();
    return;
  }
  const answered = (): void => {
    const following = queues.get(socket)?.shift();
    if (following) following();
    else queues.delete(socket);
  };
  // What waits behind it would wait for ever.
  response.once(
    'close',
    CONNECTION.guard(answered, () => socket.destroy()),
  );
  if (waiting) waiting.push(next);
  else {
    queues.set(socket, []);
    next();
  }
};

/** By socket: those that wait for the one that is answered. */
const queues = new WeakMap<Socket, (() => void)[]>();
