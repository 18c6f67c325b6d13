import { ReadModelDatabase } from '../postgres/read-model-database.js';
import { ProjectionLeases } from './projection-lease.js';
import { Turns } from '../rebuilding/turns.js';

/** A process's roads to PostgreSQL for running projections, and what these share besides. */
export type ProjectionStores = Readonly<{
  database: ReadModelDatabase;
  /** Without a limit on statements: making indexes and comparing builds takes as long as it takes. */
  maintenance: ReadModelDatabase;
  leases: ProjectionLeases;
  /** One read model is recounted at a time. */
  recounts: Turns;
  close(): Promise<void>;
}>;

/** A batch of a thousand large messages takes well under a second; what takes this long is stuck. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** A process that was stopped in the middle of a transaction holds the checkpoint's lock until PostgreSQL ends it. */
const IDLE_TIMEOUT_MS = 5_000;

/** Connects at first use. `projections`: how many are run at the same time. */
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
