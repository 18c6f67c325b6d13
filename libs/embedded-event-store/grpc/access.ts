import { createHash, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** `wrong`: what was sent is not accepted. `denied`: nothing was sent, and the call is not for everybody. */
export type Access = 'granted' | 'denied' | 'wrong';

/** What a client calls to find the node and to learn what it can, before anything else. */
const FOR_EVERYBODY = [
  '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
  '/event_store.client.gossip.Gossip/Read',
];

/**
 * Whether a call may be made with this `authorization` header: EventStoreDB refuses wrong credentials for every call, and
 * calls without any but for a few (AuthenticationMiddleware.cs, LegacyPolicySelectorFactory.cs).
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
