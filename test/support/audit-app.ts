import 'reflect-metadata';
import { Global, Module } from '@nestjs/common';
import { AuditModule } from '#apps/audit/src/audit.module.js';
import { AccessTrailModule } from '#libs/access-trail/access-trail.module.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { AUTHENTICATOR, type Authenticator } from '#libs/platform/access/authenticator.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { createHttpApp } from '#libs/platform/http/create-http-app.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';

export type TestAudit = Readonly<{
  url: string;
  store: EventStore;
  /** Makes a key invalid without telling anybody. Open connections that use it notice within half a second. */
  withdraw(key: string): void;
  stop(): Promise<void>;
}>;

/** Accepts `auditor-key`, `admin-key` and `bot-key` (of alice), except for those that were withdrawn. */
const authenticatorLess = (withdrawn: ReadonlySet<string>): Authenticator => ({
  authenticate: (key) => {
    if (withdrawn.has(key)) return undefined;
    if (key === 'auditor-key') return { role: 'auditor', keyId: 'auditkey' };
    if (key === 'admin-key') return { role: 'admin', keyId: 'adminkey' };
    return key === 'bot-key' ? { role: 'bot', bot: 'alice', keyId: 'botkey00' } : undefined;
  },
});

/** Starts only the audit role, in this process, over the log at this address. */
export const startTestAudit = async (
  connectionString: string,
  options: { deadlineMs?: number } = {},
): Promise<TestAudit> => {
  const store = new EventStore({ connectionString, ...options });
  const logger = createLogger({ level: 'silent' });
  const withdrawn = new Set<string>();

  @Global()
  @Module({
    providers: [
      { provide: EventStore, useValue: store },
      { provide: AUTHENTICATOR, useValue: authenticatorLess(withdrawn) },
    ],
    exports: [EventStore, AUTHENTICATOR],
  })
  class StoreModule {}

  @Module({
    imports: [
      PlatformModule.forRoot(loadSettings({ VERBATIM_NODE: 'spec' }), logger),
      StoreModule,
      AccessTrailModule,
      AuditModule,
    ],
  })
  class TestModule {}

  const app = await createHttpApp(TestModule, logger);
  await app.listen(0, '127.0.0.1');
  return {
    url: await app.getUrl(),
    store,
    withdraw: (key) => void withdrawn.add(key),
    stop: async () => {
      await app.close();
      await store.close();
    },
  };
};
