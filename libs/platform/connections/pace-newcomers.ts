import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { Boundary } from '../faults/boundary.js';
import type { TurnShare } from '../limits/loop-turns.js';

const NEWCOMER = new Boundary('http.newcomer');

/**
 * The option of a server that leaves new sockets unread until they are resumed. The types know it only as a constructor
 * option.
 */
type Pausing = { pauseOnConnect?: boolean };

/**
 * Makes a server handle only a few of the connections that arrive at once in each turn of the event loop, in the order
 * in which they came. None of them is read before that. Call it before the server listens, and after every `connection`
 * listener that should wait was added. A listener that is added later is called before the connection's turn.
 */
export const paceNewcomers = (server: Server, share: TurnShare): void => {
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  (server as Pausing).pauseOnConnect = true;
  const isTls = server instanceof TlsServer;
  const waiting: Socket[] = [];
  const begin = (socket: Socket): void => {
    for (const listener of listeners) if (!socket.destroyed) listener.call(server, socket);
    // Over TLS the socket is read by a layer below it.
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
