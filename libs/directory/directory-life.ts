import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { LogFeed } from '#libs/event-store/log-feed.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { Health, HealthRegistry } from '#libs/platform/health/health.registry.js';
import { DIRECTORY_PREFIXES } from './directory.js';
import type { Directory } from './directory.js';
import type { DirectorySnapshots, DirectorySnapshotter } from './snapshot/directory-snapshots.js';

/**
 * Starts to follow the log once every module has registered its listeners, and stops last. The application
 * opens its port only when the directory knows everything that was in the log, so that no valid key is
 * refused because it has not been read yet.
 */
export class DirectoryLife implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly store: Pick<EventStore, 'subscribeToAll' | 'readAll'>,
    private readonly feed: LogFeed,
    private readonly directory: Directory,
    private readonly snapshots: Pick<DirectorySnapshots, 'newest'>,
    private readonly snapshotter: DirectorySnapshotter,
    health: Pick<HealthRegistry, 'register'>,
  ) {
    health.register('log', () => this.#health());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stopDirectory();
  }

  /**
   * Resolves when everything that was in the log has been handled.
   *
   * @throws StoreUnavailable when the store is unreachable before anything was read
   */
  async start(): Promise<void> {
    const snapshot = await this.snapshots.newest();
    if (snapshot) this.directory.restore(snapshot.state);
    this.feed.start(await this.catchUp(snapshot?.position ?? 'start'));
    this.snapshotter.start();
    await this.feed.caughtUp;
  }

  /**
   * Brings the directory up to the head of the log by its own few streams only. The store skips the messages
   * in between, which the directory does not need. Returns the position reached.
   */
  private async catchUp(from: LogPosition | 'start'): Promise<LogPosition> {
    const ahead = new LogFeed(this.store);
    ahead.listen({ prefixes: DIRECTORY_PREFIXES, onEvent: (event) => void this.directory.apply(event) });
    ahead.start(from);
    try {
      await ahead.caughtUp;
      return ahead.position;
    } finally {
      await ahead.close();
    }
  }

  async stopDirectory(): Promise<void> {
    await this.snapshotter.stopSnapshots();
    await this.feed.close();
  }

  #health(): Health {
    if (this.feed.failure) return { ready: false, detail: 'the log is no longer followed' };
    if (!this.feed.isCaughtUp) return { ready: false, detail: 'catching up with the log' };
    if (this.feed.state !== 'connected') return { ready: false, detail: 'the event store is away' };
    return { ready: true };
  }
}
