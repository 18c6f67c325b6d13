import type { Health } from '#libs/platform/health/health.registry.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import type {
  ProjectionStatus,
  RebuildStatus,
  RunnerState,
} from '#libs/projections/runner/projection-status.js';
import { SILENCE_MS } from '#libs/projections/runner/silence.js';

/** A reader that was seen twice at the same place, with events of its own before it. */
export const STANDSTILL_ALARM_MS = 10_000;

/** In these a projection writes each second. */
const WRITES: readonly RunnerState[] = ['live', 'catching_up', 'reconnecting'];

/** For how many milliseconds it has not written although it should; 0 within the time it has. */
export const silentForMs = (
  { state, lastWriteAt }: Pick<ProjectionStatus, 'state' | 'lastWriteAt'>,
  now: number,
): number => {
  const silence = lastWriteAt && WRITES.includes(state) ? now - lastWriteAt.getTime() : 0;
  return silence > SILENCE_MS ? silence : 0;
};

/**
 * A projection in trouble says so, but does not make the process unready: bots are served without read models, and
 * taking the process out of service would help nobody.
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

/** A build beside the active one, as its progress is watched; none that is kept or waits for somebody's decision. */
export const rebuildMarks = (rebuild: RebuildStatus | undefined): Marks => {
  const stage = rebuild ? STAGES.indexOf(rebuild.stage) : -1;
  if (!rebuild || stage < 0) return { waiting: 0, done: 0 };
  return { waiting: 1, done: Number(rebuild.position.commit) * STAGES.length + stage };
};

const STAGES: readonly string[] = ['building', 'recounting', 'indexing', 'checking'];

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
