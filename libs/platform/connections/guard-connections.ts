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
import { Interval } from '#libs/time/interval.js';

const CONNECTION = new Boundary('http.connection');

export type ConnectionLimits = Readonly<{
  /** The most connections on which no accepted key was shown: in total and from each address. */
  strangers: number;
  strangersEach: number;
  isTrusted: IsTrusted;
}>;

/**
 * Milliseconds within which a client shows its key, if it has one. Strangers older than this may be cut to make room
 * for newcomers.
 */
const GRACE_MS = 2_000;
/** Milliseconds between two strangers that are cut for newcomers of one address: 50 a second cost a few percent of a core. */
const REPLACE_MS = 20;
/**
 * Milliseconds after which a peer that takes none of the data waiting for it is cut, and between two checks for such
 * peers.
 */
const STALLED_MS = 30_000;
const LOOK_MS = 5_000;
/** Milliseconds that the head of a request and the whole request may take to arrive, and between two checks of that. */
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
const CHECK_MS = 2_000;
/** The most requests that may wait on one connection behind the one that is being answered. */
const PIPELINED = 16;

const releases = new WeakMap<object, () => void>();

/** Call it when an accepted key was shown on a socket. From then on the socket does not count as a stranger. */
export const noteShownKey = (socket: object | undefined): void => {
  if (socket) releases.get(socket)?.();
};

/** Returns a count of strangers with these limits. It counts sockets here and sessions of Engine.IO elsewhere. */
export const makeStrangers = ({ strangers, strangersEach }: ConnectionLimits): Strangers =>
  new Strangers({ inAll: strangers, each: strangersEach, graceMs: GRACE_MS, replaceMs: REPLACE_MS });

/** The open connections of each server, in whatever state they are. */
const connections = new WeakMap<Server, ReadonlySet<Socket>>();

/**
 * Ends all connections of a guarded server at once, without asking the peers. Node's own `closeAllConnections` leaves
 * out the connections that do not speak HTTP: WebSockets, upgrade requests where no WebSocket server listens, and TLS
 * before its handshake is done.
 */
export const endConnections = (server: Server): void => {
  for (const socket of connections.get(server) ?? []) socket.destroy();
};

/**
 * Limits the connections to a server on which no accepted key was shown, and cuts those whose peers take none of the
 * data waiting for them. Connections from a trusted proxy are not counted, because the proxy has its own limits. When
 * many connections arrive at once, only a few are handled in each turn of the event loop.
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
  // This listener runs first, so that no work is wasted on a connection that may not stay.
  server.prependListener('connection', (socket: Socket) =>
    CONNECTION.run(
      () => begin(socket),
      () => socket.destroy(),
    ),
  );
  paceNewcomers(server, shareOfNewcomers());
  // From the TLS handshake on, a connection is known by its encrypted socket. Before the handshake it counts as a
  // stranger like any other.
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
  const look = (): void => {
    for (const socket of watch.look(open, takingOfSocket)) socket.destroy();
  };
  const looks = new Interval(LOOK_MS, look, CONNECTION).start();
  server.once('close', () => void looks.stop());
};

/**
 * Makes the requests of one connection wait for each other: a client that sends many without reading the answers has
 * only one in progress. Takes the place of Express at the start of a request.
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
  // If this failed, the requests behind it would wait forever.
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

/** The requests of each socket that wait for the one that is being answered. */
const queues = new WeakMap<Socket, (() => void)[]>();
