import { createDataSource } from './data-source.js';
import { translatePostgresError } from './postgres.errors.js';

/** Any number will do that nobody else in the same database locks: "verb" in ASCII. */
const MIGRATION_LOCK = 0x76657262;

/**
 * Brings the schema up to date. Processes that start together take turns; the later ones find nothing to do. Each
 * migration is a transaction, so one that fails leaves nothing behind; one that ran is on disk.
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
      // The lock belongs to the connection: a process that dies gives it back.
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
