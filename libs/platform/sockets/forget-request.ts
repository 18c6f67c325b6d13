import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Socket } from 'socket.io';

/** The fields that are replaced here. Socket.IO's types declare them as read-only. */
type Forgettable = {
  conn: { request: unknown };
  handshake: unknown;
};

type Middleware = (request: IncomingMessage, response: { req: unknown }, next: () => void) => void;

/** The value that replaces every forgotten handshake. */
const FORGOTTEN: Readonly<Partial<Socket['handshake']>> = Object.freeze({ headers: {}, auth: {}, query: {} });

/**
 * Lets go of the HTTP request that a connection began with, and of the key in its handshake. Both take kilobytes for as
 * long as the connection is open (https://socket.io/docs/v4/memory-usage/). Call it when nothing more has to be read
 * from them.
 */
export const forgetRequest = (socket: Socket): void => {
  const forgettable = socket as unknown as Forgettable;
  forgettable.conn.request = undefined;
  forgettable.handshake = FORGOTTEN;
};

/**
 * Makes Engine.IO let go of the object that stands for the response to a WebSocket's request, as soon as the request is
 * answered. Otherwise that object would keep the request until the connection ends.
 */
export const forgetUpgrades = (engine: { use(middleware: Middleware): unknown }): void => {
  engine.use((_, response, next) => {
    next();
    if (!(response instanceof ServerResponse)) response.req = undefined;
  });
};
