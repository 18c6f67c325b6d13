import { join } from 'node:path';
import {
  Inject,
  Injectable,
  Optional,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { Registry } from 'prom-client';
import { TREE_PREFIXES } from '#libs/domain/audit/tree-streams.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { SharedLog } from '#libs/event-store/shared/shared-log.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { PACE, type Pace } from './checkpoint-signer.js';
import { TreeKeeper } from './tree-keeper.js';
import { reportTree } from './tree-report.js';

/** Injection token of another pace of checkpoints, for tests. */
export const CHECKPOINT_PACE = Symbol('CHECKPOINT_PACE');

/** Returns the folder of the tree, of its key, and of what is remembered of the log. */
export const treeFolder = (dataDir: string): string => join(dataDir, 'audit-log');

/** Keeps the audit log's tree for as long as the process runs. */
@Injectable()
export class TreeLife implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly keeper: TreeKeeper;

  constructor(
    store: EventStore,
    private readonly log: SharedLog,
    @Inject(SETTINGS) { node, dataDir, roles }: Settings,
    @Inject(LOGGER) logger: Logger,
    health: HealthRegistry,
    metrics: Registry,
    watch: ProgressWatch,
    @Optional() @Inject(CHECKPOINT_PACE) pace: Pace = PACE,
  ) {
    this.keeper = new TreeKeeper({
      folder: treeFolder(dataDir),
      store,
      log,
      node,
      pace,
      say: (level, text) => logger[level]({ component: 'audit' }, text),
    });
    reportTree(this.keeper, { health, metrics, watch, roles });
  }

  onModuleInit(): void {
    this.log.bring(TREE_PREFIXES);
  }

  onApplicationBootstrap(): void {
    this.keeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.keeper.stopTree();
  }
}
