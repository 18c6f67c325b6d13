import type { Settings } from '#libs/platform/config/settings.js';
import { checkEventStore } from './check-event-store.js';
import { checkPostgres } from './check-postgres.js';
import { checkRights } from './check-rights.js';
import { supportedVersion } from './supported-version.js';

type Roles = Settings['roles'];

/** Checks the event store at this address. @returns the address @throws StartRefused */
export const configuredEventStore = (url: string, roles: Roles): Promise<string> =>
  checkEventStore(url, [supportedVersion, checkRights(roles)]);

/**
 * Checks a configured PostgreSQL for the projector only, which cannot start without it. A gateway that
 * restarts while PostgreSQL is down still serves its bots.
 *
 * @returns the address @throws StartRefused
 */
export const configuredPostgres = async (url: string, roles: Roles): Promise<string> =>
  roles.includes('projector') ? checkPostgres(url) : url;
