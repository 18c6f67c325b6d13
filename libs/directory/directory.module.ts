import { Global, Module } from '@nestjs/common';
import { Registry } from 'prom-client';
import { DECISIONS_STREAM } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { SharedLog } from '#libs/event-store/shared/shared-log.js';
import { SETTINGS } from '#libs/platform/config/settings.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { SNAPSHOTS_WATCHED } from '#libs/event-store/snapshot/snapshotter.js';
import { LOGGER } from '#libs/platform/logging/logger.js';
import { Tokens } from '#libs/platform/access/jwt/tokens.js';
import { Credentials } from './credentials.js';
import { ChangeDirectoryHandler } from './change-directory.handler.js';
import { DirectoryKeys } from './directory-keys.js';
import { DirectoryLife } from './directory-life.js';
import { DirectoryTails } from './directory-tails.js';
import { DIRECTORY_PREFIXES, Directory } from './directory.js';
import {
  DIRECTORY_SNAPSHOTS,
  DirectorySnapshots,
  DirectorySnapshotter,
} from './snapshot/directory-snapshots.js';
import { FeedProgress } from './feed-progress.js';
import { reportStuck } from './stuck-report.js';
import { reportUnreadable } from './unreadable-report.js';
import { reportWriting } from './writing-report.js';
import type { Settings } from '#libs/platform/config/settings.js';
import type { Logger } from '#libs/platform/logging/logger.js';

/**
 * Token for the reports about what reads and appends of the store find. Nothing injects it; it is provided so
 * that Nest sets the reports up at start.
 */
const REPORTS = Symbol('reports');

/**
 * Creates the directory and reads the whole stream of decisions first, so that whoever meets a set-aside
 * event knows it. Decisions are few, because only admins make them.
 */
const directoryWithDecisions = async (store: EventStore): Promise<Directory> => {
  const directory = new Directory(store.setAside);
  for await (const event of store.readStream(DECISIONS_STREAM)) directory.apply(event);
  return directory;
};

/**
 * Makes the directory the first listener of the feed. Every other listener therefore finds the directory as
 * new as the event it receives.
 */
const feedWithDirectory = (store: EventStore, directory: Directory): LogFeed => {
  const feed = new LogFeed(store);
  feed.listen({ prefixes: DIRECTORY_PREFIXES, onEvent: (event) => void directory.apply(event) });
  return feed;
};

const snapshotter = (
  feed: LogFeed,
  directory: Directory,
  snapshots: DirectorySnapshots,
  logger: Logger,
  progress: ProgressWatch,
): DirectorySnapshotter => {
  const made = new DirectorySnapshotter(
    feed,
    () => directory.state,
    snapshots,
    (error) =>
      logger.warn(`The directory could not be saved; the next start reads more of the log: ${error.message}`),
  );
  progress.watchProgress({
    name: 'snapshots of the directory',
    ...SNAPSHOTS_WATCHED,
    marks: () => made.marks(),
  });
  return made;
};

const credentials = (
  keys: DirectoryKeys,
  directory: Directory,
  tails: DirectoryTails,
  { tokens }: Settings,
  logger: Logger,
): Credentials => {
  const say = (trouble: string): void =>
    logger.warn({ component: 'tokens', trouble }, 'The keys of the identity provider can’t be fetched');
  return new Credentials(keys, tokens && new Tokens(tokens, say), directory, tails);
};

/**
 * Provides {@link Directory}, {@link ChangeDirectoryHandler} and the process's one {@link LogFeed} for injection
 * everywhere, and the {@link SharedLog} for consumers that cannot always keep up with the feed. Needs
 * `EventStore`, SETTINGS, LOGGER and `HealthRegistry`. Listeners must be registered by the end of
 * `onModuleInit`.
 */
@Global()
@Module({
  providers: [
    { provide: Directory, inject: [EventStore], useFactory: directoryWithDecisions },
    { provide: LogFeed, inject: [EventStore, Directory], useFactory: feedWithDirectory },
    {
      provide: SharedLog,
      inject: [EventStore, LogFeed],
      useFactory: (store: EventStore, feed: LogFeed) => new SharedLog(store, feed),
    },
    FeedProgress,
    {
      provide: REPORTS,
      inject: [EventStore, HealthRegistry, Registry, LOGGER],
      useFactory: (store: EventStore, health: HealthRegistry, metrics: Registry, logger: Logger) => {
        reportUnreadable(store, { health, metrics, logger });
        reportWriting(store.writing, { health, metrics, logger });
        reportStuck(store.stuck, { metrics, logger });
        return REPORTS;
      },
    },
    {
      provide: DirectorySnapshots,
      inject: [EventStore, SETTINGS, LOGGER],
      useFactory: (store: EventStore, { node }: Settings, logger: Logger) =>
        new DirectorySnapshots(store, node, DIRECTORY_SNAPSHOTS, undefined, (message) =>
          logger.warn(message),
        ),
    },
    {
      provide: DirectorySnapshotter,
      inject: [LogFeed, Directory, DirectorySnapshots, LOGGER, ProgressWatch],
      useFactory: snapshotter,
    },
    {
      provide: DirectoryTails,
      inject: [EventStore, Directory],
      useFactory: (store: EventStore, directory: Directory) => new DirectoryTails(store, directory),
    },
    {
      provide: DirectoryKeys,
      inject: [Directory, DirectoryTails],
      useFactory: (directory: Directory, tails: DirectoryTails) => new DirectoryKeys(directory, tails),
    },
    {
      provide: Credentials,
      inject: [DirectoryKeys, Directory, DirectoryTails, SETTINGS, LOGGER],
      useFactory: credentials,
    },
    ChangeDirectoryHandler,
    {
      provide: DirectoryLife,
      inject: [EventStore, LogFeed, Directory, DirectorySnapshots, DirectorySnapshotter, HealthRegistry],
      useFactory: (
        store: EventStore,
        feed: LogFeed,
        directory: Directory,
        snapshots: DirectorySnapshots,
        saver: DirectorySnapshotter,
        health: HealthRegistry,
      ) => new DirectoryLife(store, feed, directory, snapshots, saver, health),
    },
  ],
  exports: [
    Directory,
    Credentials,
    DirectoryTails,
    LogFeed,
    SharedLog,
    ChangeDirectoryHandler,
    DirectoryLife,
    FeedProgress,
  ],
})
export class DirectoryModule {}
