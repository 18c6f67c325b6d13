import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { Boundary } from '../faults/boundary.js';
import type { TurnShare } from '../limits/loop-turns.js';

const NEWCOMER = new Boundary('http.newcomer');

/** Of a server: whether what has come is not read until it is said so. Only its options have it in the types. */
type Pausing = { pauseOnConnect?: boolean };

/**
 * Has a server begin few of the connections that come at once in one turn of the event loop, in the order in which they
 * came; none of them is read before. To be called before the server listens, and once all who want to know of connections
 * listen to it: whoever comes later hears of them before they are begun.
 */
export const paceNewcomers = (server: Server, share: TurnShare): void => {
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  (server as Pausing).pauseOnConnect = true;
  const isTls = server instanceof TlsServer;
  const waiting: Socket[] = [];
  const begin = (socket: Socket): void => {
    for (const listener of listeners) if (!socket.destroyed) listener.call(server, socket);
    // Over TLS what reads the socket lies below it.
    if (!isTls && !socket.destroyed) socket.resume();
  };
  const goOn = (): void => {
    while (waiting.length > 0 && share.take()) {
      const socket = waiting.shift()!;
      if (!socket.destroyed) NEWCOMER.run(() => begin(socket), drop(socket));
    }
    if (waiting.length > 0) goOnLater();
  };
  /** Also after a fault, or all who come later would wait for ever. */
  const goOnLater = (): void => share.wait(goOn, goOnLater);
  const arrive = (socket: Socket): void => {
    if (waiting.length === 0 && share.take()) begin(socket);
    else if (waiting.push(socket) === 1) goOnLater();
  };
  server.on('connection', (socket: Socket) => NEWCOMER.run(() => arrive(socket), drop(socket)));
};

const drop = (socket: Socket) => (): void => void socket.destroy();
