import { createHash, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Result of the check. `wrong`: the credentials are not accepted. `denied`: there were no credentials, and the call
 * needs some.
 */
export type Access = 'granted' | 'denied' | 'wrong';

/** Methods that clients call before anything else, to find the node and to learn what it supports. */
const FOR_EVERYBODY = [
  '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
  '/event_store.client.gossip.Gossip/Read',
];

/**
 * Decides whether a call may be made with this `authorization` header. EventStoreDB refuses wrong credentials for every
 * call, and missing ones for all but a few calls (AuthenticationMiddleware.cs, LegacyPolicySelectorFactory.cs).
 */
export const accessOf = (
  credentials: Credentials | undefined,
  path: string,
  authorization: string | undefined,
): Access => {
  if (!credentials) return 'granted';
  if (authorization === undefined) return FOR_EVERYBODY.includes(path) ? 'granted' : 'denied';
  const expected = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  return timingSafeEqual(digest(authorization), digest(expected)) ? 'granted' : 'wrong';
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
