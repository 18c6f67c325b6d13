import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { AccessTrailModule } from '#libs/access-trail/access-trail.module.js';
import { DirectoryModule } from '#libs/directory/directory.module.js';
import { Credentials } from '#libs/directory/credentials.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { AUTHENTICATOR } from '#libs/platform/access/authenticator.js';
import type { Settings } from '#libs/platform/config/settings.js';
import type { ServiceRole } from '#libs/platform/config/settings.table.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';

/**
 * The module of each role. A module is loaded only where its role runs, so that a process with one role does
 * not load the others' libraries.
 */
const ROLE_MODULES: Readonly<Record<ServiceRole, () => Promise<Type>>> = {
  gateway: async () => (await import('#apps/gateway/src/gateway.module.js')).GatewayModule,
  projector: async () => (await import('#apps/projector/src/projector.module.js')).ProjectorModule,
  admin: async () => (await import('#apps/admin/src/admin.module.js')).AdminModule,
  audit: async () => (await import('#apps/audit/src/audit.module.js')).AuditModule,
};

/** Combines the chosen roles in one application, with one connection to the log and one directory. */
@Module({})
export class StandaloneModule {
  static async compose(settings: Settings, store: EventStore, logger: Logger): Promise<DynamicModule> {
    const roles = await Promise.all(settings.roles.map((role) => ROLE_MODULES[role]()));
    return {
      module: StandaloneModule,
      global: true,
      imports: [PlatformModule.forRoot(settings, logger), DirectoryModule, AccessTrailModule, ...roles],
      providers: [
        { provide: EventStore, useValue: store },
        { provide: AUTHENTICATOR, useExisting: Credentials },
      ],
      exports: [EventStore, AUTHENTICATOR],
    };
  }
}
