import { Registry } from 'prom-client';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Farewell } from '#apps/gateway/src/door/farewell.js';
import { ChangeDirectoryHandler } from '#libs/directory/change-directory.handler.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { ScopedEventStore } from '#libs/event-store/scoped-event-store.js';
import { ACCESS_MATRIX } from '#libs/platform/access/access-matrix.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { createHttpApp } from '#libs/platform/http/create-http-app.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import type { DataFolder } from './data-folder/data-folder.js';
import type { Stores } from './engines/stores.js';
import { adminKeyFileAt } from './first-start/admin-key-file.js';
import { provisionAdmin, provisionChannel, type AdminAccess } from './first-start/provision.js';
import { StandaloneModule } from './standalone.module.js';

// Nearly all code of a system is behind this file. To load it takes as long as to start the engines, so it is imported
// while they start.

export const openEventStore = (connectionString: string, scope: string | undefined): EventStore =>
  scope === undefined
    ? new EventStore({ connectionString })
    : new ScopedEventStore({ connectionString, scope });

/** Creates the application of all roles. It is not initialised yet. */
export const createApp = async (
  settings: Settings,
  store: EventStore,
  logger: Logger,
): Promise<NestExpressApplication> => {
  const module = await StandaloneModule.compose(settings, store, logger);
  return createHttpApp(module, logger, ACCESS_MATRIX, settings.http.tls);
};

/** Shows in health and metrics what is known of the engines. */
export const reportEngines = (app: NestExpressApplication, { damages, disks }: Stores): void => {
  damages?.report(app.get(HealthRegistry), app.get(Registry));
  disks?.report(app.get(HealthRegistry), app.get(Registry), app.get(ProgressWatch));
};

/** Writes to the log what every system has from its first start. @returns how an admin gets in, if that is known here */
export const provision = async (
  app: NestExpressApplication,
  { roles, access }: Settings,
  folder: DataFolder | undefined,
): Promise<AdminAccess | undefined> => {
  const commands = app.get(ChangeDirectoryHandler, { strict: false });
  if (roles.includes('gateway')) await provisionChannel(commands);
  // Any process with a key of the operator's own makes it known, whichever roles run elsewhere.
  if (!roles.includes('admin') && access.adminKey === undefined) return undefined;
  const file = folder === undefined ? undefined : adminKeyFileAt(folder.adminKey);
  return provisionAdmin(app.get(EventStore, { strict: false }), commands, file, access.adminKey);
};

/** Sends bots away before anything stops. */
export const sayFarewell = (app: NestExpressApplication): Promise<void> | void =>
  app.get(Farewell, { strict: false }).sayFarewell();

export const healthOf = (app: NestExpressApplication): HealthRegistry => app.get(HealthRegistry);
