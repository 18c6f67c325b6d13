import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { AcceptedLookup } from '#libs/projections/accepted-lookup.js';
import { CursorKeepers } from './cursors/cursor-keepers.js';
import { Farewell } from './door/farewell.js';
import { GatewaySnapshotter } from './follow-log/gateway-snapshots.js';
import { MessageFollower } from './follow-log/message-follower.js';
import { StateFollower } from './follow-log/state-follower.js';
import { ConversationWriters } from './sending/conversation-writers.js';
import { Presence } from './presence/presence.js';
import { StoreWatch } from './store-watch/store-watch.js';

/**
 * Starts and stops the parts of the gateway in order. It follows the log before bots connect, and everything that it
 * has accepted is written before the bots are gone.
 */
@Injectable()
export class GatewayLife implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly feed: LogFeed,
    private readonly follower: MessageFollower,
    private readonly state: StateFollower,
    private readonly snapshotter: GatewaySnapshotter,
    private readonly presence: Presence,
    private readonly writers: ConversationWriters,
    private readonly cursors: CursorKeepers,
    private readonly budget: WritingBudget,
    private readonly oldIds: AcceptedLookup,
    private readonly farewell: Farewell,
    private readonly storeWatch: StoreWatch,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.follower.follow(this.feed);
    await this.state.follow(this.feed, {
      onPresence: (change) => this.presence.changed(change),
      onCaughtUp: () => {
        this.presence.start();
        this.snapshotter.start();
      },
    });
    this.feed.onStateChange((state) => {
      if (state === 'connected') this.budget.storeReached();
      this.storeWatch.lookAtStore();
    });
    this.storeWatch.start();
  }

  /** Runs before the port is closed, so that no bot is disconnected while one of its posts is half written. */
  async beforeApplicationShutdown(): Promise<void> {
    this.storeWatch.stopWatching();
    await this.farewell.sayFarewell();
    await this.writers.stopWriters();
    await this.cursors.stopCursors();
    await this.presence.stopPresence();
    await this.snapshotter.stopSnapshots();
    await this.oldIds.close();
  }
}
