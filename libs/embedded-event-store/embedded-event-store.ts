import { gossipService } from './gossip.service.js';
import { GrpcServer } from './grpc/grpc-server.js';
import { persistentSubscriptionsService } from './persistent-subscriptions/persistent-subscriptions.service.js';
import { SubscriptionGroups } from './persistent-subscriptions/subscription-groups.js';
import { notReady } from './protocol/store-errors.js';
import { RecentEventIds } from './rules/recent-event-ids.js';
import { serverFeaturesService } from './server-features.service.js';
import { operationsService } from './scavenge/operations.service.js';
import { Scavenger } from './scavenge/scavenger.js';
import { takeDataFolder } from './storage/data-folder.js';
import { EventLog } from './storage/event-log.js';
import { LiveFeed } from './storage/live-feed.js';
import { LogWriter } from './storage/log-writer.js';
import { streamsService } from './streams/streams.service.js';

export interface EmbeddedEventStoreOptions {
  /** Made if it does not exist; used by one store at a time. */
  readonly dataDir: string;
  /** 0, the default: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface EmbeddedEventStore {
  readonly port: number;
  readonly connectionString: string;
  /** Answers what was accepted, ends all calls and gives the folder free. */
  close(): Promise<void>;
}

/** The store could not listen where it was told to. */
export class CannotListen extends Error {
  override name = 'CannotListen';
}

/**
 * Starts a node that speaks EventStoreDB's gRPC protocol over the data in a folder, and resolves when it serves.
 * An append is answered after it is synced to disk. @throws DataFolderUnusable | CannotListen, holding nothing then
 */
export const startEmbeddedEventStore = async (
  options: EmbeddedEventStoreOptions,
): Promise<EmbeddedEventStore> => {
  const { dataDir, port = 0, host = '127.0.0.1' } = options;
  const lock = takeDataFolder(dataDir);
  let log: EventLog | undefined;
  try {
    log = new EventLog(dataDir);
    const feed = new LiveFeed(log.nextPosition);
    const writer = new LogWriter(log, feed, new RecentEventIds());
    const groups = new SubscriptionGroups({ log, feed, writer });
    const scavenger = new Scavenger(log, writer);
    let boundPort = port;
    const server = new GrpcServer({
      ...streamsService(log, feed, writer),
      ...persistentSubscriptionsService(groups),
      ...operationsService(scavenger),
      ...serverFeaturesService,
      ...gossipService(() => ({ host, port: boundPort })),
    });
    boundPort = await listen(server, host, port);
    groups.start();
    const openLog = log;
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      groups.stop();
      await scavenger.close();
      await writer.close();
      await server.close(notReady());
      await openLog.close();
      lock.release();
    };
    return {
      port: boundPort,
      connectionString: `esdb://${host}:${boundPort}?tls=false`,
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await log?.close();
    lock.release();
    throw error;
  }
};

const listen = async (server: GrpcServer, host: string, port: number): Promise<number> => {
  try {
    return await server.listen(host, port);
  } catch (error) {
    throw new CannotListen(`Cannot listen on ${host}:${port}: ${(error as Error).message}`);
  }
};
