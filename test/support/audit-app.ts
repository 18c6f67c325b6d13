import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { AuditModule } from '#apps/audit/src/audit.module.js';
import { CHECKPOINT_PACE, TreeLife } from '#apps/audit/src/tree/tree-life.js';
import type { Pace } from '#apps/audit/src/tree/checkpoint-signer.js';
import type { TreeKeeper } from '#apps/audit/src/tree/tree-keeper.js';
import { AccessTrailModule } from '#libs/access-trail/access-trail.module.js';
import { DirectoryTails } from '#libs/directory/directory-tails.js';
import { Directory } from '#libs/directory/directory.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { SharedLog } from '#libs/event-store/shared/shared-log.js';
import { AUTHENTICATOR, type Authenticator } from '#libs/platform/access/authenticator.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { createHttpApp } from '#libs/platform/http/create-http-app.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';

export type TestAudit = Readonly<{
  url: string;
  store: EventStore;
  keeper: TreeKeeper;
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
  options: { deadlineMs?: number; dataDir?: string; node?: string; pace?: Pace; witnesses?: string } = {},
): Promise<TestAudit> => {
  const { dataDir, node = 'spec', pace, witnesses, ...storeOptions } = options;
  const store = new EventStore({ connectionString, ...storeOptions });
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'verbatim-test-audit-')));
  const logger = createLogger({ level: 'silent' });
  const withdrawn = new Set<string>();
  const directory = new Directory(store.setAside);

  @Global()
  @Module({
    providers: [
      { provide: EventStore, useValue: store },
      { provide: SharedLog, useValue: new SharedLog(store, new LogFeed(store)) },
      { provide: AUTHENTICATOR, useValue: authenticatorLess(withdrawn) },
      { provide: CHECKPOINT_PACE, useValue: pace },
      { provide: Directory, useValue: directory },
      { provide: DirectoryTails, useValue: new DirectoryTails(store, directory) },
    ],
    exports: [EventStore, SharedLog, AUTHENTICATOR, CHECKPOINT_PACE, Directory, DirectoryTails],
  })
  class StoreModule {}

  @Module({
    imports: [
      PlatformModule.forRoot(
        loadSettings({
          VERBATIM_NODE: node,
          VERBATIM_DATA_DIR: folder,
          VERBATIM_AUDIT_WITNESSES: witnesses,
        }),
        logger,
      ),
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
    keeper: app.get(TreeLife, { strict: false }).keeper,
    withdraw: (key) => void withdrawn.add(key),
    stop: async () => {
      await app.close();
      await store.close();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};
