import type { IncomingMessage, ServerResponse } from 'node:http';
import { Boundary } from '../faults/boundary.js';

const STREAM = new Boundary('http.stream');

/** How much of a body that nobody wants is taken, in bytes, and how long, in milliseconds. */
const DRAINED = 256 * 1024;
const DRAIN_MS = 1_000;

/** Whether some of a request's body has not come yet, or was not taken. */
export const hasUnreadBody = ({ headers, complete }: IncomingMessage): boolean =>
  !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

/**
 * Ends an answer whose request has a body that is not read, and the connection with it: what follows on it is not to be
 * trusted to be a request. Whoever sends a body first and reads then would not see an answer that is cut off: so a little
 * of the body is taken, and dropped, before the connection is closed.
 */
export const endUnread = (request: IncomingMessage, response: ServerResponse, text: string): void => {
  response.setHeader('Connection', 'close');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  if (request.method !== 'HEAD') response.write(text);
  else response.flushHeaders();
  let taken = 0;
  const end = STREAM.guard(
    () => {
      clearTimeout(late);
      if (!response.writableEnded) response.end();
    },
    () => response.destroy(),
  );
  const late = setTimeout(end, DRAIN_MS).unref();
  const take = STREAM.guard((chunk: Buffer) => {
    taken += chunk.length;
    if (taken > DRAINED) end();
  }, end);
  request.on('data', take);
  request.once('end', end).once('close', end);
};
