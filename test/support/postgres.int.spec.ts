import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { usePostgres } from './postgres.js';

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

describe('the test PostgreSQL', () => {
  const postgres = usePostgres();

  it('gives each test its own database', async () => {
    const [one, other] = [await postgres.createDatabase(), await postgres.createDatabase()];
    await query(one, 'create table t as select 1 as n');
    await expect(query(other, 'select * from t')).rejects.toThrow(/does not exist/);
  });

  it.each(['crash', undefined] as const)('comes back at the same address after a stop (%s)', async (how) => {
    const url = await postgres.createDatabase();
    await postgres.stop(how);
    await expect(query(url, 'select 1')).rejects.toThrow();
    await postgres.start();
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });
});
