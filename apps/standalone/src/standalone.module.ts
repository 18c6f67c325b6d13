import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { AdminModule } from '#apps/admin/src/admin.module.js';
import { GatewayModule } from '#apps/gateway/src/gateway.module.js';
import { AuditModule } from '#apps/audit/src/audit.module.js';
import { ProjectorModule } from '#apps/projector/src/projector.module.js';
import { AccessTrailModule } from '#libs/access-trail/access-trail.module.js';
import { DirectoryModule } from '#libs/directory/directory.module.js';
import { Directory } from '#libs/directory/directory.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { AUTHENTICATOR } from '#libs/platform/access/authenticator.js';
import type { Settings } from '#libs/platform/config/settings.js';
import type { ServiceRole } from '#libs/platform/config/settings.table.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';

/** The module of each role that has one yet. */
const ROLE_MODULES: Readonly<Partial<Record<ServiceRole, Type>>> = {
  gateway: GatewayModule,
  projector: ProjectorModule,
  admin: AdminModule,
  audit: AuditModule,
};

/** The chosen roles in one application, over one connection to the log and one directory. */
@Module({})
export class StandaloneModule {
  static compose(settings: Settings, store: EventStore, logger: Logger): DynamicModule {
    const roles = settings.roles.map((role) => ROLE_MODULES[role]).filter((module) => module !== undefined);
    return {
      module: StandaloneModule,
      global: true,
      imports: [PlatformModule.forRoot(settings, logger), DirectoryModule, AccessTrailModule, ...roles],
      providers: [
        { provide: EventStore, useValue: store },
        { provide: AUTHENTICATOR, useExisting: Directory },
      ],
      exports: [EventStore, AUTHENTICATOR],
    };
  }
}
