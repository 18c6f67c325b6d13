import { Module, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { SETTINGS, type Settings } from './config/settings.js';
import { HealthController } from './health/health.controller.js';
import { HealthRegistry } from './health/health.registry.js';
import { LOGGER, type Logger } from './logging/logger.js';
import { MetricsController } from './metrics/metrics.controller.js';

/** What every role needs, for injection anywhere: SETTINGS, LOGGER, {@link HealthRegistry}, prom-client's `Registry`. */
@Module({})
export class PlatformModule {
  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    const metrics = new Registry();
    collectDefaultMetrics({ register: metrics });
    return {
      module: PlatformModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: LOGGER, useValue: logger },
        { provide: Registry, useValue: metrics },
        HealthRegistry,
      ],
      exports: [SETTINGS, LOGGER, Registry, HealthRegistry],
    };
  }
}
