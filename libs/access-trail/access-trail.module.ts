import { Global, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { EventStore } from '#libs/event-store/event-store.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { AccessTrail } from './access-trail.js';
import { ActTrail } from './act-trail.js';
import { RecordsReadsInterceptor } from './records-reads.interceptor.js';

/** Keeps the access trail of this process. It stops after the last answer has been sent. */
@Injectable()
class ProcessTrail extends AccessTrail implements OnApplicationShutdown {
  constructor(store: EventStore, @Inject(SETTINGS) { node }: Settings, @Inject(LOGGER) logger: Logger) {
    super(store, node, logger);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stopTrail();
  }
}

/**
 * Provides {@link AccessTrail} and {@link ActTrail} for injection everywhere, and records every read over
 * HTTP.
 */
@Global()
@Module({
  providers: [
    { provide: AccessTrail, useClass: ProcessTrail },
    {
      provide: ActTrail,
      inject: [EventStore, SETTINGS],
      useFactory: (store: EventStore, { node }: Settings) => new ActTrail(store, node),
    },
    { provide: APP_INTERCEPTOR, useClass: RecordsReadsInterceptor },
  ],
  exports: [AccessTrail, ActTrail],
})
export class AccessTrailModule {}
