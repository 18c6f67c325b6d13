import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { BuildStage } from '../entities/projection-build.entity.js';

/** A build as it was read from PostgreSQL. */
export type Build = Readonly<{
  name: string;
  generation: number;
  /** Version of the code that fills it. */
  version: number;
  stage: BuildStage;
  /** Whether a rebuild replaces the active build even if their rows differ. */
  acceptsDifferences: boolean;
  position: LogPosition;
  /**
   * Its stored checkpoint, if no event can have that position. Nobody knows how far its rows go, so it can be read but
   * not continued, and `position` is the start of the log.
   */
  unplaced?: string;
  /**
   * The event at `position`, to recognise it by. Undefined at the start of the log, and for a checkpoint of an older
   * version that did not store it.
   */
  landmark?: Landmark;
  /**
   * Why its rows do not belong to the present log. It can't be continued then, and `position` is the start of the log.
   */
  displaced?: string;
  /** Whether its rows are being loaded and are not settled yet. */
  loading: boolean;
}>;

/** The position at which a build stands, and the event there. */
export type Checkpoint = Pick<Build, 'position' | 'landmark'>;

/** Returns whether a build can't be continued and has to be rebuilt from the log. */
export const isLost = ({ unplaced, displaced }: Pick<Build, 'unplaced' | 'displaced'>): boolean =>
  unplaced !== undefined || displaced !== undefined;

/** Returns the checkpoint of a build. */
export const checkpointOf = ({ position, landmark }: Build): Checkpoint => ({
  position,
  ...(landmark && { landmark }),
});
