import { Server, ServerCredentials } from '@grpc/grpc-js';
import { RecentEventIds } from './rules/recent-event-ids.js';
import { serverFeaturesService } from './server-features.service.js';
import { takeDataFolder } from './storage/data-folder.js';
import { EventLog } from './storage/event-log.js';
import { LiveFeed } from './storage/live-feed.js';
import { LogWriter } from './storage/log-writer.js';
import { StreamsService } from './streams/streams.service.js';

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
    const streams = new StreamsService(log, feed, writer);
    const server = new Server({ 'grpc.max_receive_message_length': 4 * 1024 * 1024 + 1024 });
    server.addService(streams.definition, streams.implementation);
    server.addService(serverFeaturesService.definition, serverFeaturesService.implementation);
    const boundPort = await listen(server, host, port);
    const openLog = log;
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await writer.close();
      streams.close();
      await shutDown(server);
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

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error) reject(new CannotListen(`Cannot listen on ${address}: ${error.message}`));
      else resolve(boundPort);
    });
  });

/** Lets answers under way go out, then closes connections that are still there. */
const shutDown = async (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => {
    server.tryShutdown(() => resolve());
  });
  const timer = setTimeout(() => server.forceShutdown(), 300);
  await closed;
  clearTimeout(timer);
};
