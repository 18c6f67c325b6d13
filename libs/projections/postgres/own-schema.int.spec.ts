import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usePostgres } from '#test/support/postgres.js';
import { ProjectionLeases } from '../runner/projection-lease.js';
import { openBuilds } from '../builds/generations.js';
import { PROJECTIONS } from '../projections.js';
import { migrateReadModels } from './migrate.js';
import { ReadModelDatabase } from './read-model-database.js';

const postgres = usePostgres();
const SCHEMA = 'one_of_two';
const RELATIONS = `SELECT nspname AS schema, count(*)::int AS relations FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
  WHERE nspname IN ('public', '${SCHEMA}') AND relkind IN ('r', 'v') GROUP BY 1 ORDER BY 1`;

/** Opens read models in a schema that the URL names, in a database in which others may have theirs. */
describe('read models in a schema of their own', () => {
  let url: string;
  let own: string;
  const open: ReadModelDatabase[] = [];

  beforeEach(async () => {
    url = await postgres.createDatabase();
    own = `${url}?options=-c%20search_path%3D${SCHEMA}`;
    await connect(url).rows(`CREATE SCHEMA ${SCHEMA}`);
    await migrateReadModels(own);
    const database = connect(own);
    for (const projection of PROJECTIONS) await openBuilds(database, projection);
  });
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close();
  });

  const connect = (to: string, readOnly = false): ReadModelDatabase => {
    const database = new ReadModelDatabase({ url: to, applicationName: 'spec', readOnly });
    open.push(database);
    return database;
  };

  it('leave nothing anywhere else', async () => {
    expect(await connect(url).rows(RELATIONS)).toEqual([
      { schema: SCHEMA, relations: expect.any(Number) as number },
    ]);
  });

  it('are queried by a read-only role, in read-only transactions', async () => {
    const reader = connect(own, true);
    expect(await reader.rows('SELECT count(*)::int AS messages FROM messages')).toEqual([{ messages: 0 }]);
    expect(await reader.rows('SELECT current_user AS role')).toEqual([{ role: 'verbatim_reader' }]);
    expect(await reader.rows('SHOW default_transaction_read_only')).toEqual([
      { default_transaction_read_only: 'on' },
    ]);
    await expect(reader.rows('UPDATE projection_controls SET paused = true')).rejects.toThrow();
  });

  it('work next to those of the same names in another schema', async () => {
    const leases = [own, url, own].map((to) => new ProjectionLeases(to));
    const taken = [];
    for (const each of leases) taken.push(await each.takeLease('messages'));
    for (const each of leases) await each.close();
    expect(taken).toEqual([true, true, false]);
  });
});
