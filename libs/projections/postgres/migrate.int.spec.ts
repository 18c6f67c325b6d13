import { beforeEach, afterEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { LogBuilder, projecting } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { MessageRow } from '../entities/message.entity.js';
import { searchCondition } from '../messages/search/search-condition.js';
import { PROJECTIONS } from '../projections.js';
import { openBuilds } from '../builds/generations.js';
import { createDataSource } from './data-source.js';
import { migrateReadModels } from './migrate.js';
import { PostgresUnavailable } from './postgres.errors.js';
import { ReadModelDatabase } from './read-model-database.js';

const postgres = usePostgres();
let url: string;
let database: ReadModelDatabase;

beforeEach(async () => {
  url = await postgres.createDatabase();
  database = new ReadModelDatabase({ url, applicationName: 'spec' });
});
afterEach(() => database.close());

const ours = async (): Promise<string[]> =>
  (
    await database.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
       WHERE nspname = 'public' AND relkind IN ('r', 'v') ORDER BY 1`,
    )
  ).map(({ name }) => name);

/** Runs the first `count` migrations. */
const migrateUpTo = async (count: number): Promise<void> => {
  const source = createDataSource({ url, applicationName: 'spec-migrations' });
  const { migrations } = source.options as { migrations: unknown[] };
  source.setOptions({ migrations: migrations.slice(0, count) as never });
  await source.initialize();
  await source.runMigrations({ transaction: 'each' });
  await source.destroy();
};

const askEverything = async (source: DataSource): Promise<unknown[]> => {
  const answers = [];
  for (const { target, primaryColumns } of source.entityMetadatas) {
    const order = Object.fromEntries(primaryColumns.map(({ propertyName }) => [propertyName, 'ASC']));
    answers.push(await source.getRepository(target).find({ order }));
  }
  return answers;
};

const askMessages = async (typed: string): Promise<string[]> => {
  const { sql, parameters } = searchCondition('message', typed);
  const source = await database.source();
  const query = source.getRepository(MessageRow).createQueryBuilder('message').where(sql, parameters);
  return (await query.getMany()).map(({ body }) => body);
};

describe('migrations of the read models', () => {
  it('run once, also when several processes start together', async () => {
    await Promise.all([1, 2, 3, 4].map(() => migrateReadModels(url)));
    const ran = await database.rows('SELECT name FROM read_model_migrations ORDER BY id');
    expect(ran).toEqual([
      { name: 'CreateReadModels1795478400000' },
      { name: 'Generations1795500000000' },
      { name: 'AcceptedDifferences1795543200000' },
      { name: 'LoadingBuilds1795546800000' },
      { name: 'KnownPlaces1795723200000' },
      { name: 'SearchedWords1796000400000' },
    ]);
    expect(await ours()).toEqual(['projection_builds', 'projection_controls', 'read_model_migrations']);
  });

  it('allow the tables that the entities expect', async () => {
    await migrateReadModels(url);
    for (const projection of PROJECTIONS) await openBuilds(database, projection);
    const builds = expect.arrayContaining([expect.objectContaining({ stage: 'active' })]);
    const answers = await askEverything(await database.source());
    expect(answers.filter((rows) => (rows as unknown[]).length > 0)).toEqual([builds]);
  });

  it('say clearly that PostgreSQL is away', async () => {
    await expect(migrateReadModels('postgres://nobody:secret@127.0.0.1:1/none')).rejects.toBeInstanceOf(
      PostgresUnavailable,
    );
  });
});

describe('the migration to generations', () => {
  it('keeps what was projected before readable, by present and earlier queries', async () => {
    await migrateUpTo(1);
    await database.rows(
      `INSERT INTO projection_builds (name, generation, version, active, commit_position, prepare_position, state)
       VALUES ('messages', 1, 1, true, 137, 137, 'stopped')`,
    );
    await database.rows(
      `INSERT INTO messages_g1 (channel, seq, id, bot, kind, body, at, position)
       VALUES ('general', 0, 'x', 'alice', 'posted', 'hi', now(), 137)`,
    );
    await migrateReadModels(url);
    const then = 'SELECT body, kind, search IS NOT NULL AS searchable FROM messages';
    expect(await database.rows(then)).toEqual([{ body: 'hi', kind: 'posted', searchable: true }]);
    const [row] = await database.rows(
      'SELECT body, edited_at, redacted_at, changed_seq, original FROM messages',
    );
    expect(row).toEqual({
      body: 'hi',
      edited_at: null,
      redacted_at: null,
      changed_seq: null,
      original: null,
    });
    expect(await askMessages('hi')).toEqual(['hi']);
    expect(await askMessages('hi -"hi there"')).toEqual(['hi']);
    const messages = PROJECTIONS.find(({ name }) => name === 'messages')!;
    expect(await openBuilds(database, messages)).toMatchObject([
      { generation: 1, version: 1, stage: 'active', position: { commit: 137n } },
    ]);
  });

  it('makes way for today’s tables where nothing was projected yet', async () => {
    await migrateUpTo(1);
    await migrateReadModels(url);
    const messages = PROJECTIONS.find(({ name }) => name === 'messages')!;
    await openBuilds(database, messages);
    const log = new LogBuilder();
    log.add('messages-general', {
      type: 'MessagePosted',
      data: { id: 'x', channel: 'general', bot: 'alice', body: 'hi' },
    });
    await projecting(database, messages, log.events).once();
    expect(await database.rows('SELECT body FROM messages')).toEqual([{ body: 'hi' }]);
  });
});

describe('the migration to accepted differences', () => {
  it('treats earlier builds as accepting none', async () => {
    await migrateUpTo(2);
    await database.rows(
      `INSERT INTO projection_builds (name, generation, version, active, stage, commit_position, prepare_position, state)
       VALUES ('messages', 1, 1, true, 'active', 137, 137, 'live'), ('messages', 2, 1, false, 'building', 99, 99, 'catching_up')`,
    );
    await migrateReadModels(url);
    const messages = PROJECTIONS.find(({ name }) => name === 'messages')!;
    expect(await openBuilds(database, messages)).toMatchObject([
      { generation: 1, stage: 'active', acceptsDifferences: false },
      { generation: 2, stage: 'building', acceptsDifferences: false, position: { commit: 99n } },
    ]);
  });
});
