import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Home } from '#tools/harness/system/home.js';

export type DiskUse = Readonly<{ eventStoreBytes: number; postgresBytes: number }>;

const BLOCK = 512;

/**
 * Returns how much disk both stores of a system that runs here take: for the event store, the blocks used in its folder;
 * for PostgreSQL, the size of the database after a checkpoint, without the write-ahead log, which is bounded.
 */
export const diskUseOf = async ({ dataDir }: Home): Promise<DiskUse> => ({
  eventStoreBytes: await blocksUsed(join(dataDir, 'event-store')),
  postgresBytes: await databaseSize(join(dataDir, 'postgres')),
});

const blocksUsed = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { blocks }) => sum + blocks * BLOCK, 0);
};

const databaseSize = async (folder: string): Promise<number> => {
  const password = await readFile(join(folder, 'password'), 'utf8');
  const port = Number((await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3]);
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'verbatim', password, database: 'verbatim' });
  await client.connect();
  try {
    await client.query('CHECKPOINT');
    const { rows } = await client.query<{ size: string }>(
      'SELECT pg_database_size(current_database()) AS size',
    );
    return Number(rows[0]!.size);
  } finally {
    await client.end();
  }
};
