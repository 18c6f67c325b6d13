import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { EventStore } from '#libs/event-store/event-store.js';
import { FeedWatch } from '#libs/event-store/feed-watch.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';

/** The name of the follower of the log in health, metrics and the process's log. */
export const FOLLOWER = 'the follower of the log';
/**
 * Milliseconds without progress after which the follower counts as standing still. Checks and answers take
 * time as well, so this is reported after 10 s at the latest.
 */
export const FOLLOWER_LIMIT_MS = 4_000;

/** Watches the follower of the log for as long as the process runs. */
@Injectable()
export class FeedProgress implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly watch: FeedWatch;

  constructor(
    store: EventStore,
    feed: LogFeed,
    private readonly progress: ProgressWatch,
  ) {
    this.watch = new FeedWatch(store, feed);
    const marks = () => this.watch.marks();
    progress.watchProgress({ name: FOLLOWER, limitMs: FOLLOWER_LIMIT_MS, isVital: true, marks });
  }

  /**
   * True when the store, or the connection to it, has been silent for so long that it counts as unreachable.
   */
  get isSilent(): boolean {
    return this.progress.standsForMs(FOLLOWER) >= FOLLOWER_LIMIT_MS;
  }

  onApplicationBootstrap(): void {
    this.watch.start();
  }

  onApplicationShutdown(): void {
    this.watch.stopWatching();
  }
}
