import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { GatewayModule } from '#apps/gateway/src/gateway.module.js';
import { AccessTrailModule } from '#libs/access-trail/access-trail.module.js';
import type { OperatorRole } from '#libs/domain/access/access.events.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import { ChangeDirectoryHandler } from '#libs/directory/change-directory.handler.js';
import { DirectoryModule } from '#libs/directory/directory.module.js';
import { Credentials } from '#libs/directory/credentials.js';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { AUTHENTICATOR } from '#libs/platform/access/authenticator.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { createHttpApp } from '#libs/platform/http/create-http-app.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';

/** A log for one spec file, in this process. */
export type TestLog = Readonly<{ connectionString: string; stop(): Promise<void> }>;

export const startTestLog = async (): Promise<TestLog> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'verbatim-spec-log-'));
  const store = await startEmbeddedEventStore({ dataDir, secure: true });
  return {
    connectionString: store.connectionString,
    stop: async () => {
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

export type TestGateway = Readonly<{
  app: NestExpressApplication;
  url: string;
  /** Registers a bot and returns its key. */
  bot(name: string): Promise<string>;
  /** Makes a key for an admin or an auditor. */
  operator(role: OperatorRole): Promise<string>;
  channel(name: string, visibility?: 'public' | 'private'): Promise<void>;
  /** Makes a bot a member, as an admin does. */
  member(channel: string, bot: string): Promise<void>;
  stop(): Promise<void>;
}>;

/** Starts only the gateway role, in this process. It needs no PostgreSQL, because a gateway does not use it. */
export const startTestGateway = async (
  log: TestLog,
  env: Record<string, string> = {},
): Promise<TestGateway> => {
  const settings = loadSettings({ VERBATIM_LOG_LEVEL: 'error', VERBATIM_NODE: 'spec', ...env });
  const store = new EventStore({ connectionString: log.connectionString });

  @Global()
  @Module({
    providers: [
      { provide: EventStore, useValue: store },
      { provide: AUTHENTICATOR, useExisting: Credentials },
    ],
    exports: [EventStore, AUTHENTICATOR],
  })
  class StoreModule {}

  const logger = createLogger({ level: 'error' });
  @Module({
    imports: [
      PlatformModule.forRoot(settings, logger),
      StoreModule,
      DirectoryModule,
      AccessTrailModule,
      GatewayModule,
    ],
  })
  class TestModule {}

  const app = await createHttpApp(TestModule, logger);
  await app.listen(0, '127.0.0.1');
  const commands = app.get(ChangeDirectoryHandler);
  const ACTOR = { kind: 'system' } as const;
  return {
    app,
    url: await app.getUrl(),
    bot: async (name) => {
      const { key, keyId, hash } = issueKey({ role: 'bot', bot: name });
      await commands.execute(
        new ChangeDirectoryCommand({ type: 'RegisterBot', bot: name, keyId, hash }, ACTOR),
      );
      return key;
    },
    operator: async (role) => {
      const { key, keyId, hash } = issueKey({ role });
      await commands.execute(
        new ChangeDirectoryCommand({ type: 'IssueOperatorKey', role, keyId, hash }, ACTOR),
      );
      return key;
    },
    channel: async (channel, visibility = 'public') => {
      await commands.execute(new ChangeDirectoryCommand({ type: 'OpenChannel', channel, visibility }, ACTOR));
    },
    member: async (channel, bot) => {
      await commands.execute(
        new ChangeDirectoryCommand({ type: 'AddMember', channel, bot, head: -1 }, ACTOR),
      );
    },
    stop: async () => {
      await app.close();
      await store.close();
    },
  };
};
