import { Module } from '@nestjs/common';
import { Projector } from './projector.js';

/**
 * Keeps the read models up to date with the log for as long as the application runs. Needs, from the
 * composition root: `SETTINGS` with `postgres.url`, `LOGGER`, `HealthRegistry`, prom-client's `Registry` and
 * the `SharedLog`.
 */
@Module({ providers: [Projector], exports: [Projector] })
export class ProjectorModule {}
