import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { ScopedEventStore } from '#libs/event-store/scoped-event-store.js';
import { migrateReadModels } from '#libs/projections/postgres/migrate.js';
import { startEventStore } from '#test/support/event-store.js';
import type { TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { usePostgres } from '#test/support/postgres.js';
import { removeTrial } from './remove-trial.js';
import { makeSchema, makeScope, schemaOf, urlInSchema, withPostgres } from './trial-place.js';
import type { Stores } from './trial-place.js';

describe('what a trial has written', () => {
  const postgres = usePostgres();
  let server: TestEventStore;
  let store: EventStore;
  let stores: Stores;
  let scope: string;

  beforeAll(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString });
    await store.append('messages-a', [newEvent('of another')], 'no_stream');
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  beforeEach(async () => {
    const { connectionString } = server;
    stores = { eventStoreUrl: connectionString, postgresUrl: await postgres.createDatabase() };
    scope = makeScope();
    const own = new ScopedEventStore({ connectionString, scope });
    for (const stream of ['messages-a', 'presence-a']) await own.append(stream, [newEvent()], 'no_stream');
    await own.setStreamMetadata('presence-a', { maxAge: 60 });
    await own.close();
    await makeSchema(stores.postgresUrl, schemaOf(scope));
    await migrateReadModels(urlInSchema(stores.postgresUrl, schemaOf(scope)));
  });

  const left = async (): Promise<Readonly<Record<string, unknown>>> => {
    const lengths: Record<string, number> = {};
    for (const stream of ['messages-a', `${scope}.messages-a`, `${scope}.presence-a`]) {
      lengths[stream.replace(scope, '…')] = 0;
      for await (const _ of store.readStream(stream)) lengths[stream.replace(scope, '…')]! += 1;
    }
    const [found] = await withPostgres(stores.postgresUrl, async (client) => {
      const { rows } = await client.query<object>(
        `SELECT (SELECT count(*)::int FROM pg_namespace WHERE nspname = $1) AS schemas,
           (SELECT count(*)::int FROM pg_roles WHERE rolname = 'verbatim_reader') AS roles`,
        [schemaOf(scope)],
      );
      return rows;
    });
    return { ...lengths, ...found };
  };
  const NOTHING = { '….messages-a': 0, '….presence-a': 0, schemas: 0 };

  it('is removed with the role that came with it, and nothing else is', async () => {
    expect(await left()).toEqual({
      'messages-a': 1,
      '….messages-a': 1,
      '….presence-a': 1,
      schemas: 1,
      roles: 1,
    });
    expect(await removeTrial(stores, scope)).toBe(2);
    expect(await left()).toEqual({ 'messages-a': 1, ...NOTHING, roles: 0 });
  });

  it('may be removed twice', async () => {
    await removeTrial(stores, scope);
    await removeTrial(stores, scope);
    expect(await left()).toEqual({ 'messages-a': 1, ...NOTHING, roles: 0 });
  });

  it('leaves the role to another Verbatim that now uses it', async () => {
    const other = await postgres.createDatabase();
    await migrateReadModels(other);
    await removeTrial(stores, scope);
    expect(await left()).toEqual({ 'messages-a': 1, ...NOTHING, roles: 1 });
  });

  it.each(['messages', 'try', 'tryABCDEFGH', 'try12345678; DROP SCHEMA public', 'public'])(
    'is removed only by the name of a trial, not by %s',
    async (name) => {
      await expect(removeTrial(stores, name)).rejects.toThrow('not the name of a trial');
    },
  );
});
