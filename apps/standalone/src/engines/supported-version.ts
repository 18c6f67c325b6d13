import {
  OLDEST_SERVER,
  formatVersion,
  isSupported,
} from '#libs/event-store/server-version/server-version.js';
import type { StoreCheck } from './check-event-store.js';
import { final } from './trouble.js';

/** Refuses a server that is too old. In a cluster the leader answers, so its version counts. */
export const supportedVersion: StoreCheck = async (store) => {
  const version = await store.readServerVersion();
  if (version !== undefined && isSupported(version)) return undefined;
  const oldest = formatVersion(OLDEST_SERVER);
  return final(
    version === undefined
      ? `The event store does not say its version, so it is older than ${oldest}, the oldest that works: upgrade it to 24.10`
      : `The event store is EventStoreDB ${version}; ${oldest} is the oldest that works: upgrade it to 24.10`,
  );
};
