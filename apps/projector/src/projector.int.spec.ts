import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Registry } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEventStore } from '#test/support/event-store.js';
import type { TestEventStore } from '#test/support/event-store.js';
import { usePostgres } from '#test/support/postgres.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { SharedLog } from '#libs/event-store/shared/shared-log.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import { ProjectorModule } from './projector.module.js';
import { Projector } from './projector.js';

const postgres = usePostgres();
let server: TestEventStore;
let store: EventStore;
let url: string;

beforeAll(async () => {
  server = await startEventStore();
  store = new EventStore({ connectionString: server.connectionString });
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});
beforeEach(async () => {
  url = await postgres.createDatabase();
});

const start = async (postgresUrl = url): Promise<TestingModule> => {
  const feed = new LogFeed(store);
  const shared = { provide: SharedLog, useValue: new SharedLog(store, feed) };
  @Global()
  @Module({ providers: [shared], exports: [SharedLog] })
  class StoreModule implements OnApplicationBootstrap, OnApplicationShutdown {
    onApplicationBootstrap = () => feed.start('start');
    onApplicationShutdown = () => feed.close();
  }
  const platform = PlatformModule.forRoot(
    loadSettings({ VERBATIM_POSTGRES_URL: postgresUrl }),
    createLogger({ level: 'silent' }),
  );
  const app = await Test.createTestingModule({ imports: [platform, StoreModule, ProjectorModule] }).compile();
  return app.init();
};

const post = (channel: string, bodies: readonly string[]) =>
  store.append(
    `messages-${channel}`,
    bodies.map((body) => {
      const id = uuidv7();
      const metadata = {
        actor: { kind: 'system' },
        $correlationId: id,
        $causationId: id,
        schema: 1,
        node: 'spec',
      } as const;
      return { eventId: id, type: 'MessagePosted', data: { id, channel, bot: 'alice', body }, metadata };
    }),
    'any',
  );

const bodiesOf = async (channel: string): Promise<string[]> => {
  const database = new ReadModelDatabase({ url, applicationName: 'spec' });
  try {
    const rows = await database.rows<{ body: string }>(
      'SELECT body FROM messages WHERE channel = $1 ORDER BY seq',
      [channel],
    );
    return rows.map(({ body }) => body);
  } finally {
    await database.close();
  }
};

const QUICKLY = { timeout: 15_000, interval: 50 };

describe('the projector', () => {
  it('creates the tables, keeps them up to date with the log, and continues where it stopped', async () => {
    const channel = `c${uuidv7()}`;
    await post(channel, ['one', 'two']);
    const first = await start();
    await expect.poll(() => bodiesOf(channel), QUICKLY).toEqual(['one', 'two']);
    await first.close();
    await post(channel, ['three']);
    const second = await start();
    await expect.poll(() => bodiesOf(channel), QUICKLY).toEqual(['one', 'two', 'three']);
    await second.close();
  });

  it('has tables that can be queried as soon as it says that it is ready', async () => {
    const app = await start();
    await expect.poll(() => app.get(HealthRegistry).report().ready, { ...QUICKLY, interval: 1 }).toBe(true);
    expect(await bodiesOf(`c${uuidv7()}`)).toEqual([]);
    await app.close();
  });

  it('continues by itself after the event store or PostgreSQL was killed', async () => {
    const channel = `c${uuidv7()}`;
    const app = await start();
    await post(channel, ['before']);
    await expect.poll(() => bodiesOf(channel), QUICKLY).toEqual(['before']);
    await server.kill();
    await server.restart();
    await post(channel, ['after the store']);
    await expect.poll(() => bodiesOf(channel), QUICKLY).toEqual(['before', 'after the store']);
    await postgres.stop('crash');
    await post(channel, ['meanwhile']);
    await postgres.start();
    await expect.poll(() => bodiesOf(channel), QUICKLY).toEqual(['before', 'after the store', 'meanwhile']);
    await app.close();
  });

  it('shows the state of each projection in health and metrics', async () => {
    const { position } = await post(`c${uuidv7()}`, ['one']);
    const app = await start();
    const states = (): string[] =>
      app
        .get(Projector)
        .statuses()
        .map(({ state }) => state);
    await expect.poll(states, QUICKLY).toEqual(PROJECTIONS.map(() => 'live'));
    expect(app.get(HealthRegistry).report()).toEqual({
      ready: true,
      components: Object.fromEntries(
        ['progress', ...PROJECTIONS.map(({ name }) => `projection-${name}`)].map((name) => [
          name,
          { ready: true },
        ]),
      ),
    });
    const metrics = (): Promise<string> => app.get(Registry).metrics();
    await expect
      .poll(metrics, QUICKLY)
      .toContain(`verbatim_projection_position{projection="messages"} ${position.commit}\n`);
    expect(await metrics()).toContain('verbatim_projection_state{projection="messages",state="live"} 1');
    await app.close();
  });

  it('knows that a read model is up to date when other parts of the log have moved on', async () => {
    const app = await start();
    const { position } = await post(`c${uuidv7()}`, ['one']);
    const level = (): string[] =>
      app
        .get(Projector)
        .statuses()
        .filter((status) => (status.position?.commit ?? -1n) >= position.commit)
        .map(({ name }) => name);
    await expect.poll(level, QUICKLY).toEqual(PROJECTIONS.map(({ name }) => name));
    await app.close();
  });

  it('refuses to start, in one line and without the password, when PostgreSQL is not there', async () => {
    await expect(start('postgres://nobody:secret@127.0.0.1:1/none')).rejects.toThrow(
      /^PostgreSQL is away: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    );
  });
});
