import { inject } from 'vitest';
import { compareVersions, parseServerVersion } from '#libs/event-store/server-version/server-version.js';

/**
 * Whether the server under test is older than this version. A server that names no version counts as new. Subscriptions
 * were rewritten in 24.2.0 (the Enumerators of EventStore.Core), which changed some of their messages.
 */
export const isBefore = (version: string): boolean => {
  const server = parseServerVersion(inject('eventStoreVersion'));
  return server !== undefined && compareVersions(server, parseServerVersion(version)!) < 0;
};
