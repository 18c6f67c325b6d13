import { RequestError } from '#libs/protocol/errors.js';

/**
 * Milliseconds until a client should ask again. An admin has to decide first, so asking sooner is useless.
 */
const RETRY_MS = 60_000;

/**
 * Returns the error for a channel that has stopped at an event that cannot be decoded. Messages after it are not
 * delivered, because that would hide the gap.
 */
export const channelDamaged = (channel: string, stream: string, revision: number): RequestError =>
  new RequestError(
    'channel_damaged',
    `Channel "${channel}" is stopped: event ${revision} of stream "${stream}" can't be understood, and an admin has to decide about it`,
    RETRY_MS,
  );
