import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Registry } from 'prom-client';
import { EventStore } from '#libs/event-store/event-store.js';
import { pause } from '#libs/event-store/pause.js';
import { formatPosition } from '#libs/event-store/position.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { migrateReadModels } from '#libs/projections/postgres/migrate.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import { ProjectionRunner } from '#libs/projections/runner/projection-runner.js';
import type { ProjectionStatus } from '#libs/projections/runner/projection-status.js';
import { projectionHealth } from './projection-health.js';
import { registerProjectionMetrics } from './projection-metrics.js';

/** A batch of a thousand large messages takes well under a second; what takes this long is stuck. */
const STATEMENT_TIMEOUT_MS = 60_000;
const STOP_PATIENCE_MS = 5_000;

/** Runs every projection, each with a subscription of its own: one that stands still does not hold up the others. */
@Injectable()
export class Projector implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly database: ReadModelDatabase;
  private readonly runners: readonly ProjectionRunner[];
  private readonly url: string;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    store: EventStore,
    health: HealthRegistry,
    metrics: Registry,
  ) {
    if (settings.postgres.url === undefined) throw new Error('The projector needs a PostgreSQL');
    this.url = settings.postgres.url;
    this.database = new ReadModelDatabase({
      url: this.url,
      applicationName: 'verbatim-projector',
      poolSize: PROJECTIONS.length + 1,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    });
    const onState = (status: ProjectionStatus): void => this.report(status);
    this.runners = PROJECTIONS.map(
      (projection) => new ProjectionRunner(projection, store, this.database, { onState }),
    );
    for (const [index, { name }] of PROJECTIONS.entries()) {
      health.register(`projection-${name}`, () => projectionHealth(this.runners[index]!.status()));
    }
    registerProjectionMetrics(metrics, () => this.statuses());
  }

  /** @throws PostgresUnavailable: at start PostgreSQL must be there, later it may come and go */
  async onApplicationBootstrap(): Promise<void> {
    await migrateReadModels(this.url);
    for (const runner of this.runners) runner.start();
  }

  /**
   * Batches under way are committed or rolled back before the event store and PostgreSQL go. A PostgreSQL that does not
   * answer is not waited for: it rolls back by itself once the connection is gone.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const patience = new AbortController();
    await Promise.race([
      this.stop().finally(() => patience.abort()),
      pause(STOP_PATIENCE_MS, patience.signal),
    ]);
  }

  statuses(): ProjectionStatus[] {
    return this.runners.map((runner) => runner.status());
  }

  private async stop(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.stop()));
    await this.database.close();
  }

  private report({ name, state, reason, position }: ProjectionStatus): void {
    const entry = {
      component: 'projector',
      projection: name,
      state,
      ...(position && { position: formatPosition(position) }),
      ...(reason && { reason: reason.message }),
    };
    if (state === 'failed') this.logger.error(entry, 'Projection stands still');
    else if (state === 'waiting' || state === 'standby') this.logger.warn(entry, 'Projection waits');
    else this.logger.debug(entry, 'Projection changed state');
  }
}
