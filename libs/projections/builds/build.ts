import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { BuildStage } from '../entities/projection-build.entity.js';

/** A build as it was found. */
export type Build = Readonly<{
  name: string;
  generation: number;
  /** Of the code that fills it. */
  version: number;
  stage: BuildStage;
  /** Of a rebuild: it takes the active one's place even where it differs. */
  acceptsDifferences: boolean;
  position: LogPosition;
  /**
   * Its stored checkpoint, when that is one no event can have: nobody knows how far its rows go. It can be read but not
   * gone on with, and `position` is the log's start.
   */
  unplaced?: string;
  /** The event at `position`, to know it again by. Undefined at the log's start, and for a checkpoint that a version without it left. */
  landmark?: Landmark;
  /** Why its rows are not of the log that is there. It can't be gone on with, and `position` is the log's start. */
  displaced?: string;
  /** It is being loaded, and not settled yet. */
  loading: boolean;
}>;

/** Where a build stands. */
export type Checkpoint = Pick<Build, 'position' | 'landmark'>;

/** Whether nobody can go on from where it stands. It must be built anew. */
export const isLost = ({ unplaced, displaced }: Pick<Build, 'unplaced' | 'displaced'>): boolean =>
  unplaced !== undefined || displaced !== undefined;

/** Where a build stands. */
export const checkpointOf = ({ position, landmark }: Build): Checkpoint => ({
  position,
  ...(landmark && { landmark }),
});
