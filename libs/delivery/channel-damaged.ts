import { RequestError } from '#libs/protocol/errors.js';

/** An admin has to decide; asking again sooner is of no use, in milliseconds. */
const RETRY_MS = 60_000;

/** A channel stops at an event that can't be understood: what lies behind it is not delivered as if nothing were missing. */
export const channelDamaged = (channel: string, stream: string, revision: number): RequestError =>
  new RequestError(
    'channel_damaged',
    `Channel "${channel}" is stopped: event ${revision} of stream "${stream}" can't be understood, and an admin has to decide about it`,
    RETRY_MS,
  );
