import { inject } from 'vitest';
import { compareVersions, parseServerVersion } from '#libs/event-store/server-version/server-version.js';

/**
 * Whether the server under test is older than this version; one that names none counts as new. The subscriptions were
 * written anew in 24.2.0 (the Enumerators of EventStore.Core), which changed what some of them say.
 */
export const isBefore = (version: string): boolean => {
  const server = parseServerVersion(inject('eventStoreVersion'));
  return server !== undefined && compareVersions(server, parseServerVersion(version)!) < 0;
};
