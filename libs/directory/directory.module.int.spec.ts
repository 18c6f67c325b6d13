import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';
import { startEventStore } from '../../test/support/event-store.js';
import { ChangeDirectoryCommand } from './change-directory.command.js';
import { ChangeDirectoryHandler } from './change-directory.handler.js';
import { Directory } from './directory.js';
import { DirectoryModule } from './directory.module.js';
import type { TestEventStore } from '../../test/support/event-store.js';

describe('the directory module', () => {
  let server: TestEventStore;
  beforeAll(async () => {
    server = await startEventStore();
  });
  afterAll(async () => {
    await server.stop();
  });

  const startApplication = async () => {
    const store = new EventStore({ connectionString: server.connectionString });
    @Global()
    @Module({ providers: [{ provide: EventStore, useValue: store }], exports: [EventStore] })
    class StoreModule {}
    const platform = PlatformModule.forRoot(loadSettings({}), createLogger({ level: 'silent', tty: false }));
    const built = await Test.createTestingModule({
      imports: [StoreModule, platform, DirectoryModule],
    }).compile();
    await built.init();
    return { built, store };
  };

  it('knows all that was in the log when the application has started, and follows it until it stops', async () => {
    const first = await startApplication();
    expect(first.built.get(LogFeed).isCaughtUp).toBe(true);
    const commands = first.built.get(ChangeDirectoryHandler);
    await commands.execute(
      new ChangeDirectoryCommand(
        { type: 'RegisterBot', bot: 'ada', keyId: 'k', hash: 'h' },
        { kind: 'system' },
      ),
    );
    await first.built.close();
    await first.store.close();
    const second = await startApplication();
    expect(second.built.get(Directory).bot('ada').status).toBe('active');
    await second.built.close();
    await second.store.close();
  });
});
