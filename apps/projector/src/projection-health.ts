import type { Health } from '#libs/platform/health/health.registry.js';
import type { ProjectionStatus } from '#libs/projections/runner/projection-status.js';

/**
 * A projection in trouble says so, but does not make the process unready: bots are served without read models, and
 * taking the process out of service would help nobody.
 */
export const projectionHealth = ({ state, reason }: ProjectionStatus): Health =>
  state === 'live' && !reason
    ? { ready: true }
    : { ready: true, detail: reason ? `${state}: ${reason.message}` : state };
