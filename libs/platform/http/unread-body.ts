import type { IncomingMessage, ServerResponse } from 'node:http';
import { Boundary } from '../faults/boundary.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

const STREAM = new Boundary('http.stream');

/** Limits up to which an unwanted body is still read: in bytes, and in milliseconds. */
const DRAINED = 256 * 1024;
const DRAIN_MS = 1_000;

/** Returns whether part of a request's body has not arrived yet or was not read. */
export const hasUnreadBody = ({ headers, complete }: IncomingMessage): boolean =>
  !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

/**
 * Ends an answer to a request whose body is not read, and closes the connection, because the bytes that follow can't be
 * trusted to be a request. A client that sends its whole body before it reads would not see an answer that is cut off,
 * so a little of the body is read and dropped before the connection is closed.
 */
export const endUnread = (request: IncomingMessage, response: ServerResponse, text: string): void => {
  response.setHeader('Connection', 'close');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  if (request.method !== 'HEAD') response.write(text);
  else response.flushHeaders();
  let taken = 0;
  const end = STREAM.guard(
    () => {
      cancel();
      if (!response.writableEnded) response.end();
    },
    () => response.destroy(),
  );
  const cancel = SYSTEM_CLOCK.after(DRAIN_MS, end, { unref: true });
  const take = STREAM.guard((chunk: Buffer) => {
    taken += chunk.length;
    if (taken > DRAINED) end();
  }, end);
  request.on('data', take);
  request.once('end', end).once('close', end);
};
