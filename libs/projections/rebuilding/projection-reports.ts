import type { Build } from '../builds/build.js';
import type { ProjectionStatus } from '../builds/projection-status.js';
import type { Difference } from './compare-builds.js';

/**
 * Callbacks for what happens to a projection, for logs and metrics. The part that notices something calls directly; no
 * other part passes it on.
 */
export type ProjectionReports = Readonly<{
  /** Called at each change of state. */
  onState?(status: ProjectionStatus): void;
  /** Called when a rebuild or recount has compared rows. An empty list is good news. */
  onCompared?(name: string, differences: readonly Difference[]): void;
  /** Called when a rebuild is not possible. The active build is not changed. */
  onRebuildFailed?(name: string, error: Error): void;
  /**
   * Called when a build was found that can't be continued, because no event can have its position, or because the log
   * has another event there. The build starts again from the beginning of the log.
   */
  onLost?(build: Build): void;
}>;
