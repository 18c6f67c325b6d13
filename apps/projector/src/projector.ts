import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import { Registry } from 'prom-client';
import { endsWithin } from '#libs/time/deadline.js';
import { formatPosition } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { SharedLog } from '#libs/event-store/shared/shared-log.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { migrateReadModels } from '#libs/projections/postgres/migrate.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import type { Build } from '#libs/projections/builds/build.js';
import type { Difference } from '#libs/projections/rebuilding/compare-builds.js';
import { recountTimes } from '#libs/projections/rebuilding/recount-times.js';
import { StandstillWatch } from '#libs/projections/following/standstill-watch.js';
import { ProjectionRunner } from '#libs/projections/runner/projection-runner.js';
import type { RunnerOptions } from '#libs/projections/runner/projection-runner.js';
import { openProjectionStores } from '#libs/projections/runner/projection-stores.js';
import type { ProjectionStores } from '#libs/projections/runner/projection-stores.js';
import type { ProjectionStatus } from '#libs/projections/builds/projection-status.js';
import { projectionHealth, rebuildMarks } from './projection-health.js';
import { registerProjectionMetrics } from './projection-metrics.js';

/**
 * Milliseconds that a rebuild may show no progress. Building an index over millions of rows takes minutes.
 */
const REBUILD_LIMIT_MS = 10 * 60_000;
const STOP_PATIENCE_MS = 5_000;
/** Milliseconds that read models may delay the readiness of a started process. Bots do not need them. */
const START_PATIENCE_MS = 2_000;

/**
 * Runs every projection, each at its own pace: one that has stopped does not hold up the others. Those that
 * have caught up share the process's one subscription to the log.
 */
@Injectable()
export class Projector implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stores: ProjectionStores;
  private readonly runners: readonly ProjectionRunner[];
  private readonly watch: StandstillWatch;
  private readonly url: string;
  private isOpening = true;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly log: SharedLog,
    health: HealthRegistry,
    metrics: Registry,
    progress: ProgressWatch,
  ) {
    if (settings.postgres.url === undefined) throw new Error('The projector needs PostgreSQL');
    this.url = settings.postgres.url;
    this.stores = openProjectionStores(this.url, PROJECTIONS.length);
    const options: RunnerOptions = {
      recount: recountTimes(settings.recount.everyMinutes),
      onState: (status) => this.report(status),
      onCompared: (name, differences) => this.reportComparison(name, differences),
      onRebuildFailed: (name, err) =>
        this.logger.error({ component: 'projector', projection: name, err }, 'Rebuild failed'),
      onLost: (build) => this.reportLost(build),
    };
    this.runners = PROJECTIONS.map(
      (projection) =>
        new ProjectionRunner(projection, log, this.stores, {
          ...options,
          standstillMs: () => this.watch.standstillMs(projection.name),
        }),
    );
    this.watch = new StandstillWatch(
      PROJECTIONS.map((projection, index) => ({ projection, position: () => this.positionToWatch(index) })),
      log,
    );
    for (const [index, { name }] of PROJECTIONS.entries()) {
      health.register(`projection-${name}`, () =>
        this.isOpening
          ? { ready: false, detail: 'its tables are being checked or created' }
          : projectionHealth(this.runners[index]!.status(), {
              standstillMs: this.watch.standstillMs(name),
              now: Date.now(),
            }),
      );
      const marks = () => rebuildMarks(this.runners[index]!.status().rebuild);
      progress.watchProgress({
        name: `the build beside ${name}`,
        limitMs: REBUILD_LIMIT_MS,
        isVital: false,
        marks,
      });
    }
    registerProjectionMetrics(
      metrics,
      () => this.statuses(),
      (name) => this.watch.standstillMs(name),
    );
  }

  onModuleInit(): void {
    this.log.bring([...new Set(PROJECTIONS.flatMap(({ streamPrefixes }) => streamPrefixes))]);
  }

  /**
   * Creates the tables of the read models while other parts start, so that whoever queries a ready system
   * finds them, even if they are empty.
   *
   * @throws PostgresUnavailable when PostgreSQL is down at the start; later it may come and go
   */
  async onApplicationBootstrap(): Promise<void> {
    await migrateReadModels(this.url);
    for (const runner of this.runners) runner.start();
    this.watch.start();
    const settled = Promise.all(this.runners.map((runner) => runner.settled));
    void endsWithin(START_PATIENCE_MS, settled).then(() => (this.isOpening = false));
  }

  /**
   * Commits or rolls back the current batches before the event store and PostgreSQL stop. It does not wait
   * for a PostgreSQL that does not answer: PostgreSQL rolls back by itself once the connection is gone.
   */
  async beforeApplicationShutdown(): Promise<void> {
    await endsWithin(STOP_PATIENCE_MS, this.stopProjector());
  }

  statuses(): ProjectionStatus[] {
    return this.runners.map((runner) => runner.status());
  }

  /**
   * Returns the position to watch, or undefined for a projection that waits its turn, is paused or is being
   * rebuilt, and so is not expected to move.
   */
  private positionToWatch(index: number): LogPosition | undefined {
    const { state, position } = this.runners[index]!.status();
    return state === 'standby' || state === 'paused' || state === 'outdated' ? undefined : position;
  }

  private async stopProjector(): Promise<void> {
    await this.watch.stopWatching();
    await Promise.all(this.runners.map((runner) => runner.stopProjection()));
    await this.stores.close();
  }

  private reportComparison(name: string, differences: readonly Difference[]): void {
    const entry = { component: 'projector', projection: name, differences };
    if (differences.length === 0) this.logger.info(entry, 'Read model compared with the log: identical');
    else this.logger.error(entry, 'Read model differs from what the log gives');
  }

  private reportLost({ name, generation, stage, unplaced, displaced }: Build): void {
    const why = displaced ?? `No event can have its stored position ${unplaced}`;
    this.logger.warn(
      { component: 'projector', projection: name, generation, stage, reason: why },
      `Projection ${name} can't continue from its stored position; ${
        stage === 'kept' ? 'its old generation is removed' : 'it is rebuilt from the start of the log'
      }`,
    );
  }

  private report({ name, state, reason, position }: ProjectionStatus): void {
    const entry = {
      component: 'projector',
      projection: name,
      state,
      ...(position && { position: formatPosition(position) }),
      ...(reason && { reason: reason.message }),
    };
    if (state === 'failed') this.logger.error(entry, 'Projection has stopped');
    else if (state === 'waiting' || state === 'standby') this.logger.warn(entry, 'Projection waits');
    else this.logger.debug(entry, 'Projection changed state');
  }
}
