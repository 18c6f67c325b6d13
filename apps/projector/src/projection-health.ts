import type { Health } from '#libs/platform/health/health.registry.js';
import type { ProjectionStatus } from '#libs/projections/runner/projection-status.js';

/** A reader that was seen twice at the same place, with events of its own before it. */
export const STANDSTILL_ALARM_MS = 10_000;

/**
 * A projection in trouble says so, but does not make the process unready: bots are served without read models, and
 * taking the process out of service would help nobody.
 */
export const projectionHealth = ({ state, reason }: ProjectionStatus, standstillMs: number): Health => {
  if (standstillMs > STANDSTILL_ALARM_MS) {
    return {
      ready: true,
      detail: `stands still for ${Math.round(standstillMs / 1_000)} s although there are events for it`,
    };
  }
  if (state === 'live' && !reason) return { ready: true };
  return { ready: true, detail: reason ? `${state}: ${reason.message}` : state };
};
