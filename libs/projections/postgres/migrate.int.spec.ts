import { beforeEach, afterEach, describe, expect, it } from 'vitest';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { migrateReadModels } from './migrate.js';
import { PostgresUnavailable } from './postgres.errors.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;

beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
});
afterEach(() => scratch.close());

const ours = async (): Promise<string[]> =>
  (
    await scratch.database.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
       WHERE nspname = 'public' AND relkind IN ('r', 'v') ORDER BY 1`,
    )
  ).map(({ name }) => name);

describe('migrations of the read models', () => {
  it('run once, also when several processes start together', async () => {
    const source = await scratch.database.source();
    await source.undoLastMigration();
    expect(await ours()).toEqual(['read_model_migrations']);
    await Promise.all([1, 2, 3, 4].map(() => migrateReadModels(scratch.url)));
    const ran = await scratch.database.rows('SELECT name FROM read_model_migrations');
    expect(ran).toEqual([{ name: 'CreateReadModels1795478400000' }]);
    expect(await ours()).toContain('messages_g1');
  });

  it('make exactly what the entities expect', async () => {
    const source = await scratch.database.source();
    for (const { target, primaryColumns } of source.entityMetadatas) {
      const order = Object.fromEntries(primaryColumns.map(({ propertyName }) => [propertyName, 'ASC']));
      expect(await source.getRepository(target).find({ order })).toEqual([]);
    }
  });

  it('say clearly that PostgreSQL is away', async () => {
    await expect(migrateReadModels('postgres://nobody:secret@127.0.0.1:1/none')).rejects.toBeInstanceOf(
      PostgresUnavailable,
    );
  });
});
