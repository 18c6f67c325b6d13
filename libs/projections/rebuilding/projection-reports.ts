import type { Build } from '../builds/build.js';
import type { ProjectionStatus } from '../builds/projection-status.js';
import type { Difference } from './compare-builds.js';

/** Called with what happens to a projection, for logs and metrics. Whoever finds it out calls; nobody passes it on. */
export type ProjectionReports = Readonly<{
  /** At each change of state. */
  onState?(status: ProjectionStatus): void;
  /** A rebuild or recount has compared rows. No differences are good. */
  onCompared?(name: string, differences: readonly Difference[]): void;
  /** A rebuild is not possible. The active build is not touched. */
  onRebuildFailed?(name: string, error: Error): void;
  /**
   * A build was found that nobody can go on from, because no event can have its position, or because the log has
   * another event there. The build is begun again.
   */
  onLost?(build: Build): void;
}>;
