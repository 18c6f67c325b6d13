// Imported by this name, so that tests can put another store in its place (`package.json`, "imports").
import { startEventStoreProcess } from '#apps/standalone/src/engines/event-store-process.js';
import { startEmbeddedPostgres } from '#libs/embedded-postgres/embedded-postgres.js';
import type { Settings } from '#libs/platform/config/settings.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import type { DataFolder } from '../data-folder/data-folder.js';
import { lostReadModels, requireLog } from '../data-folder/missing-parts.js';
import { StartRefused } from '../start-refused.js';
import { EngineKeeper, type StartEngine } from './engine-keeper.js';
import type { KnownAccess } from './event-store-process.js';
import { DiskWatch } from '#libs/platform/disk/disk-watch.js';
import { diskPlaces } from './disk-places.js';
import { StoreDamages } from './store-damages.js';

/** Both stores, ready for use: embedded ones are running, configured ones answer. */
export type Stores = Readonly<{
  eventStoreUrl: string;
  postgresUrl: string;
  /** The damage of the embedded event store. */
  damages: StoreDamages | undefined;
  /** Watches the disks of embedded engines. */
  disks: DiskWatch | undefined;
  /** Stops what was started here. The event store stops first, so that nothing new reaches PostgreSQL. */
  stop(): Promise<void>;
}>;

/**
 * Starts the engines that are not configured elsewhere, in parallel. If one fails, the other is stopped
 * again.
 *
 * @throws StartRefused | EmbeddedPostgresError
 */
export const startStores = async (
  settings: Settings,
  folder: DataFolder | undefined,
  logger: Logger,
  onGiveUp: (reason: string) => void,
): Promise<Stores> => {
  const disks = await watchDisks(settings, folder, logger);
  const keep = (name: string, start: StartEngine): Promise<EngineKeeper> =>
    EngineKeeper.start({ name, start, logger, onGiveUp, isExcused: () => disks?.isShort(name) ?? false });
  const known: KnownAccess = {};
  if (settings.eventStore.url === undefined) requireLog(placeOf(folder));
  if (folder && settings.eventStore.url === undefined && settings.postgres.url === undefined)
    sayLost(folder, logger);
  const damages = settings.eventStore.url === undefined ? new StoreDamages() : undefined;
  const outcomes = await Promise.allSettled([
    settings.eventStore.url === undefined
      ? keep('event-store', (port) =>
          startEventStoreProcess(placeOf(folder).eventStore, port, logger, known, damages),
        )
      : (await configured()).configuredEventStore(settings.eventStore.url, settings.roles),
    settings.postgres.url === undefined
      ? keep('postgres', (port) => startPostgres(placeOf(folder).postgres, port, logger))
      : (await configured()).configuredPostgres(settings.postgres.url, settings.roles),
  ]);
  const stop = async (): Promise<void> => {
    disks?.stopWatching();
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled' && outcome.value instanceof EngineKeeper) await outcome.value.stop();
    }
  };
  const [eventStore, postgres] = outcomes;
  if (eventStore.status === 'fulfilled' && postgres.status === 'fulfilled') {
    return {
      eventStoreUrl: urlOf(eventStore.value),
      postgresUrl: urlOf(postgres.value),
      damages,
      disks,
      stop,
    };
  }
  await stop();
  throw refusalOf([eventStore, postgres]);
};

/** Watches the disks of the embedded engines' folders, by the engines' names. */
const watchDisks = async (
  settings: Settings,
  folder: DataFolder | undefined,
  logger: Logger,
): Promise<DiskWatch | undefined> => {
  const isElsewhere = settings.eventStore.url !== undefined && settings.postgres.url !== undefined;
  if (isElsewhere) return undefined;
  const watch = new DiskWatch(diskPlaces(settings, placeOf(folder)), settings.disk.reserveBytes, logger);
  await watch.start();
  return watch;
};

/** Combines both refusals into one, so that the operator learns of both problems at once. */
const refusalOf = (outcomes: readonly PromiseSettledResult<unknown>[]): unknown => {
  const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  if (reasons.length < 2) return reasons[0];
  return new StartRefused(reasons.map(({ message }) => message).join('. '));
};

/** Loads what checks configured stores, only if there are any: the embedded engines start sooner without it. */
const configured = () => import('./configured-stores.js');

const sayLost = (folder: DataFolder, logger: Logger): void => {
  const lost = lostReadModels(folder);
  if (lost !== undefined) logger.warn({ component: 'postgres' }, lost);
};

const startPostgres = (dataDir: string, port: number | undefined, logger: Logger) =>
  startEmbeddedPostgres({
    dataDir,
    log: (line) => logger.debug({ component: 'postgres' }, line),
    ...(port === undefined ? {} : { port }),
  });

const urlOf = (store: EngineKeeper | string): string => (typeof store === 'string' ? store : store.url);

const placeOf = (folder: DataFolder | undefined): DataFolder => {
  if (folder === undefined) throw new Error('An embedded engine needs a data folder');
  return folder;
};
