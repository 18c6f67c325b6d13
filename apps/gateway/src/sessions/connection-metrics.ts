import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Sessions } from './sessions.js';

const METRICS = new Boundary('metrics');

/** Provides the metric of how many bots are connected to this process. They are counted when the metric is read. */
@Injectable()
export class ConnectionMetrics implements OnModuleInit {
  constructor(
    private readonly registry: Registry,
    private readonly sessions: Sessions,
  ) {}

  onModuleInit(): void {
    const gauge: Gauge = new Gauge({
      name: 'verbatim_connections',
      help: 'Bots connected to this gateway, counted by the newest connection of each consumer.',
      registers: [this.registry],
      collect: METRICS.guard(() => gauge.set(this.sessions.allSessions().length)),
    });
  }
}
