import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Socket } from 'socket.io';

/** What is there to be forgotten; Socket.IO's types say that it never changes. */
type Forgettable = {
  conn: { request: unknown };
  handshake: unknown;
};

type Middleware = (request: IncomingMessage, response: { req: unknown }, next: () => void) => void;

/** Stands for every handshake that was forgotten. */
const FORGOTTEN: Readonly<Partial<Socket['handshake']>> = Object.freeze({ headers: {}, auth: {}, query: {} });

/**
 * Lets go of the HTTP request that a connection began with, and of the key it came with: both take kilobytes for as long
 * as the connection stands (https://socket.io/docs/v4/memory-usage/). For when nothing more is to be read from them.
 */
export const forgetRequest = (socket: Socket): void => {
  const forgettable = socket as unknown as Forgettable;
  forgettable.conn.request = undefined;
  forgettable.handshake = FORGOTTEN;
};

/**
 * Has Engine.IO let go of what stands for the response to a WebSocket's request once that is answered: it would keep the
 * request with it until the connection ends.
 */
export const forgetUpgrades = (engine: { use(middleware: Middleware): unknown }): void => {
  engine.use((_, response, next) => {
    next();
    if (!(response instanceof ServerResponse)) response.req = undefined;
  });
};
