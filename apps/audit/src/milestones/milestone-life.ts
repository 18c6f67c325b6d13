import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventStore } from '#libs/event-store/event-store.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { MilestoneKeeper } from './milestone-keeper.js';

/**
 * Keeps milestones for as long as the process runs. Without them a time is still found, but more of the log
 * must be read.
 */
@Injectable()
export class MilestoneLife implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly keeper: MilestoneKeeper;

  constructor(
    store: EventStore,
    @Inject(SETTINGS) { node }: Settings,
    @Inject(LOGGER) logger: Logger,
    progress: ProgressWatch,
  ) {
    this.keeper = new MilestoneKeeper(store, node, (err) =>
      logger.error(
        { component: 'audit', err },
        'No more milestones are set; finding a time in the log gets slower',
      ),
    );
    const marks = () => this.keeper.marks();
    progress.watchProgress({ name: 'milestones', limitMs: 30_000, isVital: false, marks });
  }

  onApplicationBootstrap(): void {
    this.keeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.keeper.stopMilestones();
  }
}
