import type { LogPosition } from '#libs/event-store/position.js';
import type { BuildStage, BuildState } from '../entities/projection-build.entity.js';

/**
 * `waiting`: PostgreSQL or the event store is away, it goes on by itself. `standby`: another process runs this
 * projection, this one takes over when it falls silent. `outdated`: the tables were filled by other code, they stand still
 * and are being built anew. `failed`: an event could not be applied, somebody must act.
 */
export type RunnerState = BuildState | 'waiting' | 'standby' | 'outdated';

/** What stopped a projection, or what it waits for. */
export type StandingReason = Readonly<{ message: string; position?: LogPosition; type?: string }>;

/** A generation being built beside the active one. */
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
  /** Applied since this process started. */
  eventsApplied: number;
  reason: StandingReason | undefined;
  rebuild: RebuildStatus | undefined;
}>;
