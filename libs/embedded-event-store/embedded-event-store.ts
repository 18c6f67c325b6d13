import { join } from 'node:path';
import { makeDoor, type Door, type DoorOptions } from './access/door.js';
import type { Credentials } from './grpc/access.js';
import { gossipService } from './gossip.service.js';
import { persistentSubscriptionsService } from './persistent-subscriptions/persistent-subscriptions.service.js';
import { SubscriptionGroups } from './persistent-subscriptions/subscription-groups.js';
import { GrpcServer, type GrpcServerOptions, type Methods } from './grpc/grpc-server.js';
import type { KeepAlive } from './grpc/keep-alive.js';
import { notReady } from './protocol/store-errors.js';
import { RecentEventIds } from './rules/recent-event-ids.js';
import { serverFeaturesService } from './server-features.service.js';
import { operationsService } from './scavenge/operations.service.js';
import { Scavenger } from './scavenge/scavenger.js';
import { DataFolderUnusable, takeDataFolder } from './storage/data-folder.js';
import { DamageWalk, type WalkPace } from './storage/damage-walk.js';
import type { DamagedLog } from './record/damaged-log.js';
import { damageReporter } from './storage/damage-reporter.js';
import { EventLog, INDEX_FILE } from './storage/event-log.js';
import { LiveFeed } from './storage/live-feed.js';
import type { WritingReport } from './storage/write-stoppage.js';
import { LogWriter } from './storage/log-writer.js';
import { prepareIndex } from './storage/prepare-index.js';
import { streamsService } from './streams/streams.service.js';
import { writeStartEvents } from './system-events/write-start-events.js';
import { SystemProjections } from './system-projections/system-projections.js';

export interface EmbeddedEventStoreOptions {
  /** Data folder, created if it does not exist. Only one store may use it at a time. */
  readonly dataDir: string;
  /** Port to listen on. 0, the default, takes any free one. */
  readonly port?: number | undefined;
  /** Address to listen on, 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** PEM texts of a certificate and its key. With them only encrypted connections are accepted. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /**
   * The only user. Needs TLS, because clients send no credentials without it. By default everybody may do everything.
   */
  readonly credentials?: Credentials | undefined;
  /**
   * Makes a certificate and a password at the first start, keeps them in the data folder, and demands them from
   * clients. Replaces `tls` and `credentials`. Off by default.
   */
  readonly secure?: boolean | undefined;
  /** Called with one line for credentials or an index that had to be made again, and for damage in the log. */
  readonly warn?: ((line: string) => void) | undefined;
  /**
   * Name or address that clients are told to connect to. By default it follows from the host that the node listens on.
   */
  readonly advertisedHost?: string | undefined;
  /** Port that clients are told to connect to. By default the port that the node listens on. */
  readonly advertisedPort?: number | undefined;
  /** Times after which a silent connection is given up. */
  readonly keepAlive?: KeepAlive | undefined;
  /** Called once for each damaged place, whether a reader or the store's own walk found it. */
  readonly damaged?: ((damage: DamagedLog) => void) | undefined;
  /** Pace at which the store checks its whole log by itself. By default 4 MiB a second, once a day. */
  readonly damageWalk?: WalkPace | undefined;
  /**
   * Called with the reason when the store can't go on in its present state; a restart repairs it. By default `warn` is
   * called.
   */
  readonly unusable?: ((reason: string) => void) | undefined;
  /**
   * Called with the reason when the disk accepts no writes, and with undefined when it does again. `warn` is called
   * too.
   */
  readonly writing?: WritingReport | undefined;
  /** Keeps the streams of `$by_category` and `$by_event_type`. Off by default. */
  readonly systemProjections?: boolean | undefined;
}

/** Reports options that are invalid or contradict each other. The message says why in one line. */
class UnusableOptions extends Error {
  override name = 'UnusableOptions';
}

export interface EmbeddedEventStore {
  readonly port: number;
  readonly connectionString: string;
  /** Answers accepted requests, ends all calls and connections within a second, and releases the folder. */
  close(): Promise<void>;
}

/** Reports that the store could not listen at its host and port. */
class CannotListen extends Error {
  override name = 'CannotListen';
}

/**
 * Starts a node that speaks EventStoreDB's gRPC protocol over the data in a folder, and resolves when it serves. An
 * append is answered after it is synced to disk. When it fails, nothing stays open.
 * @throws UnusableOptions | DataFolderUnusable | DamagedLog | CannotListen
 */
export const startEmbeddedEventStore = async (
  options: EmbeddedEventStoreOptions,
): Promise<EmbeddedEventStore> => {
  const { dataDir, port = 0, host = '127.0.0.1' } = options;
  checkDoor(options);
  const lock = takeDataFolder(dataDir);
  let log: EventLog | undefined;
  try {
    const door = await doorFor({ ...options, host });
    log = await openLog(options);
    const feed = new LiveFeed(log.nextPosition);
    const writer = new LogWriter(log, feed, new RecentEventIds(), writingReport(options));
    const groups = new SubscriptionGroups({ log, feed, writer });
    const scavenger = new Scavenger(log, writer);
    const hasUsers = door.asks.credentials !== undefined;
    let boundPort = port;
    const methods = {
      ...streamsService(log, feed, writer),
      ...persistentSubscriptionsService(groups),
      ...operationsService(scavenger),
      ...serverFeaturesService,
      ...gossipService(() => ({
        host: options.advertisedHost ?? door.name,
        port: options.advertisedPort ?? boundPort,
      })),
    };
    const server = secured(methods, { ...door.asks, keepAlive: options.keepAlive });
    boundPort = await listen(server, host, port);
    await writeStartEvents({ log, writer, hasUsers }, options.warn ?? (() => {}));
    groups.start();
    const walk = new DamageWalk(log, options.damageWalk);
    walk.start();
    const projections = options.systemProjections ? new SystemProjections(log, feed, writer) : undefined;
    projections?.start();
    const opened = log;
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      walk.stopWalk();
      groups.stopGroups();
      await scavenger.close();
      await projections?.stopProjections();
      await writer.close();
      await server.close(notReady());
      await opened.close();
      lock.release();
    };
    return {
      port: boundPort,
      connectionString: door.connectionString(boundPort),
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await log?.close();
    lock.release();
    throw error;
  }
};

const writingReport =
  ({ warn, writing }: EmbeddedEventStoreOptions): WritingReport =>
  (trouble) => {
    warn?.(
      trouble === undefined
        ? 'events are written again'
        : `no event can be written: ${trouble}. Reads go on; the store tries again by itself`,
    );
    writing?.(trouble);
  };

const openLog = async ({
  dataDir,
  warn,
  unusable,
  damaged,
}: EmbeddedEventStoreOptions): Promise<EventLog> => {
  const say = warn ?? ((): void => {});
  try {
    await prepareIndex(join(dataDir, INDEX_FILE), say);
  } catch (error) {
    throw new DataFolderUnusable(
      `Cannot put a damaged index aside in ${dataDir}: ${(error as Error).message}`,
    );
  }
  return new EventLog(dataDir, { say, damaged: damageReporter(warn, damaged), unusable: unusable ?? say });
};

const checkDoor = ({ tls, credentials, secure }: EmbeddedEventStoreOptions): void => {
  if (credentials && !tls)
    throw new UnusableOptions('A user name and password need TLS, because clients send none without it');
  if (secure && tls)
    throw new UnusableOptions(
      'Either the store makes its own certificate and password, or you give it yours, not both',
    );
};

const doorFor = async (options: DoorOptions): Promise<Door> => {
  try {
    return await makeDoor(options);
  } catch (error) {
    throw new DataFolderUnusable(
      `Cannot keep credentials in the data folder ${options.dataDir}: ${(error as Error).message}`,
    );
  }
};

const secured = (methods: Methods, options: GrpcServerOptions): GrpcServer => {
  try {
    return new GrpcServer(methods, options);
  } catch (error) {
    throw new UnusableOptions(`The certificate or its key can't be used: ${(error as Error).message}`);
  }
};

const listen = async (server: GrpcServer, host: string, port: number): Promise<number> => {
  try {
    return await server.listen(host, port);
  } catch (error) {
    throw new CannotListen(`Cannot listen on ${host}:${port}: ${(error as Error).message}`);
  }
};
