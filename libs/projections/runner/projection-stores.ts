import { ReadModelDatabase } from '../postgres/read-model-database.js';
import { ProjectionLeases } from './projection-lease.js';
import { Turns } from '../rebuilding/turns.js';

/** The connections to PostgreSQL that a process needs to run projections, and what its projections share. */
export type ProjectionStores = Readonly<{
  database: ReadModelDatabase;
  /** Has no limit on statements, because creating indexes and comparing builds takes as long as it takes. */
  maintenance: ReadModelDatabase;
  leases: ProjectionLeases;
  /** Turns for recounts, so that one read model is recounted at a time. */
  recounts: Turns;
  close(): Promise<void>;
}>;

/**
 * Milliseconds that a statement may take. A batch of a thousand large messages takes well under a second, so a
 * statement that takes this long is stuck.
 */
const STATEMENT_TIMEOUT_MS = 60_000;
/**
 * Milliseconds after which PostgreSQL ends an idle transaction. A process that was stopped in the middle of a
 * transaction holds the lock of the checkpoint until then.
 */
const IDLE_TIMEOUT_MS = 5_000;

/**
 * Opens the stores; they connect at first use. `projections` is the number of projections that run at the same time.
 */
export const openProjectionStores = (url: string, projections: number): ProjectionStores => {
  const database = new ReadModelDatabase({
    url,
    applicationName: 'verbatim-projector',
    poolSize: projections + 2,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    idleInTransactionTimeoutMs: IDLE_TIMEOUT_MS,
  });
  const maintenance = new ReadModelDatabase({ url, applicationName: 'verbatim-rebuild', poolSize: 2 });
  const leases = new ProjectionLeases(url);
  return {
    database,
    maintenance,
    leases,
    recounts: new Turns(),
    close: async () => {
      await Promise.all([database.close(), maintenance.close(), leases.close()]);
    },
  };
};
