import { Module, type DynamicModule } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Insight } from './http/insight.js';
import { registerRefusalMetrics, sayRefusals } from './access/refusals.js';
import { SETTINGS, type Settings } from './config/settings.js';
import { sayFaults } from './faults/boundary.js';
import { registerFaultMetrics } from './faults/fault-metrics.js';
import { containTimerFaults } from './faults/timer-faults.js';
import { HealthController } from './health/health.controller.js';
import { HealthRegistry } from './health/health.registry.js';
import { LOGGER, type Logger } from './logging/logger.js';
import { ProgressWatch } from './watch/progress-watch.js';
import { registerProcessMetrics } from './metrics/loop-metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';

/**
 * Provides everywhere what every role needs: SETTINGS, LOGGER, {@link HealthRegistry}, prom-client's `Registry` and
 * {@link ProgressWatch}.
 */
@Module({})
export class PlatformModule {
  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    const metrics = new Registry();
    registerProcessMetrics(metrics);
    registerFaultMetrics(metrics);
    containTimerFaults();
    sayFaults(({ where, err, untold }) =>
      logger.error(
        { component: 'faults', where, err, ...(untold > 0 && { untold }) },
        'A fault was contained',
      ),
    );
    registerRefusalMetrics(metrics);
    sayRefusals((refusal, untold) =>
      logger.warn(
        { component: 'access', ...refusal, ...(untold > 0 && { untold }) },
        'An attempt was refused',
      ),
    );
    return {
      module: PlatformModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: LOGGER, useValue: logger },
        { provide: Registry, useValue: metrics },
        HealthRegistry,
        {
          provide: ProgressWatch,
          inject: [HealthRegistry],
          useFactory: (health: HealthRegistry) => new ProgressWatch(logger, health, metrics),
        },
        Insight,
      ],
      exports: [SETTINGS, LOGGER, Registry, HealthRegistry, ProgressWatch],
    };
  }
}
