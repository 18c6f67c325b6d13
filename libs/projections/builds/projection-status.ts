import type { LogPosition } from '#libs/event-store/position.js';
import type { BuildStage, BuildState } from '../entities/projection-build.entity.js';

/**
 * State of a projection. `waiting`: PostgreSQL or the event store is away; it resumes by itself. `standby`: another
 * process runs this projection, and this one takes over when the other falls silent. `outdated`: other code filled the
 * tables; they stay as they are and are being rebuilt. `failed`: an event could not be applied, and somebody must act.
 */
export type RunnerState = BuildState | 'waiting' | 'standby' | 'outdated';

/** Why a projection has stopped, or what it waits for. */
export type StandingReason = Readonly<{ message: string; position?: LogPosition; type?: string }>;

/** A generation that is being built next to the active one. */
export type RebuildStatus = Readonly<{ generation: number; stage: BuildStage; position: LogPosition }>;

export type ProjectionStatus = Readonly<{
  name: string;
  version: number;
  state: RunnerState;
  /** The last event applied or passed over; undefined until the checkpoint was read. */
  position: LogPosition | undefined;
  /** Age of the newest event when its rows became visible; 0 while there is nothing to wait for. */
  lagMs: number;
  /** When this runner last wrote to PostgreSQL. */
  lastWriteAt: Date | undefined;
  /** Events applied since this process started. */
  eventsApplied: number;
  reason: StandingReason | undefined;
  rebuild: RebuildStatus | undefined;
}>;
