import { createDataSource } from './data-source.js';
import { translatePostgresError } from './postgres.errors.js';

/** Number of the lock, "verb" in ASCII. Any number would do that nobody else in the same database locks. */
const MIGRATION_LOCK = 0x76657262;

/**
 * Brings the schema up to date. Processes that start together take turns, and the later ones find nothing to do. Each
 * migration is a transaction: if it fails it leaves nothing behind, and if it succeeds it is on disk.
 *
 * @throws PostgresUnavailable when PostgreSQL can't be reached
 */
export const migrateReadModels = async (url: string): Promise<void> => {
  const source = createDataSource({
    url,
    applicationName: 'verbatim-migrations',
    poolSize: 2,
    durable: true,
  });
  try {
    await source.initialize();
    const guard = source.createQueryRunner();
    try {
      // The lock belongs to the connection, so a process that dies releases it.
      await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await source.runMigrations({ transaction: 'each' });
      await guard.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    } finally {
      await guard.release();
    }
  } catch (error) {
    throw translatePostgresError(error);
  } finally {
    if (source.isInitialized) await source.destroy();
  }
};
