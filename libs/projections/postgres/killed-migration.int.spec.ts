import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { usePostgres } from '#test/support/postgres.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { createDataSource } from './data-source.js';
import { migrateReadModels } from './migrate.js';
import { ReadModelDatabase } from './read-model-database.js';

/** The compiled program, as a process that can be killed. */
const MIGRATE = createRequire(import.meta.url).resolve('#libs/projections/postgres/migrate.js');

const postgres = usePostgres();
let url: string;
let database: ReadModelDatabase;
beforeEach(async () => {
  url = await postgres.createDatabase();
  database = new ReadModelDatabase({ url, applicationName: 'spec' });
});
afterEach(() => database.close());

/** Runs all migrations but the last one. */
const migrateUpToLast = async (): Promise<void> => {
  const source = createDataSource({ url, applicationName: 'spec-migrations' });
  const { migrations } = source.options as { migrations: unknown[] };
  source.setOptions({ migrations: migrations.slice(0, -1) as never });
  await source.initialize();
  await source.runMigrations({ transaction: 'each' });
  await source.destroy();
};

const columns = async (): Promise<string[]> =>
  (
    await database.rows<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass('messages') AND attnum > 0`,
    )
  ).map(({ name }) => name);
const ran = async (): Promise<number> => (await database.rows('SELECT 1 FROM read_model_migrations')).length;

it('A process that is killed in the middle of the last migration leaves nothing of it, and the next one does it', async () => {
  await migrateUpToLast();
  await database.rows(`CREATE VIEW messages AS SELECT 'general'::text AS channel`);
  const before = await ran();
  // A lock on the table of migrations keeps this one from ending: it has changed the view by then, but others can't see
  // that yet.
  const source = createDataSource({ url, applicationName: 'spec-lock' });
  await source.initialize();
  const holder = source.createQueryRunner();
  await holder.startTransaction();
  await holder.query('LOCK TABLE read_model_migrations IN SHARE MODE');
  const program = `import(${JSON.stringify(MIGRATE)}).then((it) => it.migrateReadModels(${JSON.stringify(url)}))`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
  const blocked = (): Promise<unknown[]> =>
    database.rows(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'verbatim-migrations' AND wait_event_type = 'Lock'
       AND query LIKE 'INSERT%' AND datname = current_database()`,
    );
  await waitFor('the migration to wait', async () => (await blocked()).length > 0, 20_000, 50);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await holder.rollbackTransaction();
  await holder.release();
  await source.destroy();
  await waitFor('its connections to end', async () => (await blocked()).length === 0);
  expect([await columns(), await ran()]).toEqual([['channel'], before]);
  await migrateReadModels(url);
  expect([await columns(), await ran()]).toEqual([['channel', 'words'], before + 1]);
});
