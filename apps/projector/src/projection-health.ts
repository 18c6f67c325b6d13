import type { Health } from '#libs/platform/health/health.registry.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import type {
  ProjectionStatus,
  RebuildStatus,
  RunnerState,
} from '#libs/projections/builds/projection-status.js';
import { SILENCE_MS } from '#libs/projections/following/silence.js';

/**
 * Milliseconds that a projection may stay at one position, with events of its own ahead of it, before this
 * counts as trouble.
 */
export const STANDSTILL_ALARM_MS = 10_000;

/** The states in which a projection writes at least once a second. */
const WRITES: readonly RunnerState[] = ['live', 'catching_up', 'reconnecting'];

/**
 * Returns for how many milliseconds a projection has not written although it should, or 0 within the allowed
 * time.
 */
export const silentForMs = (
  { state, lastWriteAt }: Pick<ProjectionStatus, 'state' | 'lastWriteAt'>,
  now: number,
): number => {
  const silence = lastWriteAt && WRITES.includes(state) ? now - lastWriteAt.getTime() : 0;
  return silence > SILENCE_MS ? silence : 0;
};

/**
 * Returns the health of a projection. One in trouble reports it, but does not make the process unready: bots
 * are served without read models, and taking the process out of service would help nobody.
 */
export const projectionHealth = (
  status: Pick<ProjectionStatus, 'state' | 'reason' | 'lastWriteAt'>,
  { standstillMs, now }: Readonly<{ standstillMs: number; now: number }>,
): Health => {
  const { state, reason } = status;
  if (standstillMs > STANDSTILL_ALARM_MS)
    return {
      ready: true,
      detail: `stands still for ${seconds(standstillMs)} although there are events for it`,
    };
  const silence = silentForMs(status, now);
  if (silence > 0) return { ready: true, detail: `silent: has written nothing for ${seconds(silence)}` };
  if (state === 'live' && !reason) return { ready: true };
  return { ready: true, detail: reason ? `${state}: ${reason.message}` : state };
};

/**
 * Returns the progress of a build next to the active one, for the progress watch. A build that is kept or
 * waits for a decision does not count.
 */
export const rebuildMarks = (rebuild: RebuildStatus | undefined): Marks => {
  const stage = rebuild ? STAGES.indexOf(rebuild.stage) : -1;
  if (!rebuild || stage < 0) return { waiting: 0, done: 0 };
  return { waiting: 1, done: Number(rebuild.position.commit) * STAGES.length + stage };
};

const STAGES: readonly string[] = ['building', 'recounting', 'indexing', 'checking'];

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
