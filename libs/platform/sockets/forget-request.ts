import type { Socket } from 'socket.io';

/** What is there to be forgotten; Socket.IO's types say that it never changes. */
type Forgettable = {
  conn: { request: unknown };
  handshake: { headers: object; auth: object };
};

/**
 * Lets go of the HTTP request that a connection began with, and of the key it came with: both take kilobytes for as long
 * as the connection stands (https://socket.io/docs/v4/memory-usage/). For when nothing more is to be read from them.
 */
export const forgetRequest = (socket: Socket): void => {
  const { conn, handshake } = socket as unknown as Forgettable;
  conn.request = undefined;
  handshake.headers = {};
  handshake.auth = {};
};
