import { landmarkToText } from '#libs/event-store/continuity/landmark.js';
import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { BuildStage, BuildState } from '../entities/projection-build.entity.js';
import { storableText } from '../postgres/exact-text.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import type { Transaction } from '../postgres/transaction.js';
import type { Build, Checkpoint } from './build.js';
import { CheckpointMoved } from './projection.errors.js';

/** A move of the checkpoint, and the state and lag that the runner reports with it. */
export type Advance = Readonly<{ from: LogPosition; to: Checkpoint; state: BuildState; lagMs: number }>;

/** Stores the stage of a build that is not active. */
export const noteStage = async (
  database: ReadModelDatabase,
  { name, generation }: Build,
  stage: BuildStage,
): Promise<void> => {
  await database.rows(
    `UPDATE projection_builds SET stage = $3, seen_at = clock_timestamp()
     WHERE name = $1 AND generation = $2 AND NOT active`,
    [name, generation, stage],
  );
};

/**
 * Stores the result of a comparison: in the row of the active build for a recount, otherwise in that of the new build.
 */
export const noteDifferences = async (
  database: ReadModelDatabase,
  name: string,
  build: Build,
  ofActive: boolean,
  differences: readonly unknown[],
): Promise<void> => {
  await database.rows(
    `UPDATE projection_builds SET differences = $3, compared_at = clock_timestamp()
     WHERE name = $1 AND CASE WHEN $4 THEN active ELSE generation = $2 END`,
    [name, build.generation, storableText(JSON.stringify(differences)), ofActive],
  );
};

/**
 * Moves the checkpoint, but only from where this runner left it. Locks the row until the transaction ends, so of two
 * runners one waits here and then finds that it lost.
 *
 * @throws CheckpointMoved
 */
export const advanceBuild = async (tx: Transaction, build: Build, advance: Advance): Promise<void> => {
  const { from, to, state, lagMs } = advance;
  const moved = await tx.run(
    `UPDATE projection_builds
     SET commit_position = $5, prepare_position = $6, state = $7, lag_ms = $8, landmark = $9, seen_at = clock_timestamp(),
         failed_position = NULL, failed_type = NULL, failed_message = NULL
     WHERE name = $1 AND generation = $2 AND commit_position = $3 AND prepare_position = $4`,
    [
      build.name,
      build.generation,
      ...numbers(from),
      ...numbers(to.position),
      state,
      Math.round(lagMs),
      to.landmark ? landmarkToText(to.landmark) : null,
    ],
  );
  if (moved !== 1) throw new CheckpointMoved(build.name);
};

/**
 * Ends the loading of a build, so that `apply` can continue with it. Call it in the transaction that settles the rows.
 */
export const endLoading = async (tx: Transaction, { name, generation }: Build): Promise<void> => {
  await tx.run('UPDATE projection_builds SET loading = false WHERE name = $1 AND generation = $2', [
    name,
    generation,
  ]);
};

/**
 * Stores that a build stands at `at`, and why. Stores nothing if another runner has moved the build on. A stopped or
 * paused build does not count as seen, so its lag goes on growing from the last time it was.
 */
export const reportStanding = async (
  database: ReadModelDatabase,
  build: Build,
  at: LogPosition,
  why: Readonly<{ state: BuildState; position?: LogPosition; type?: string; message?: string }>,
): Promise<void> => {
  await database.rows(
    `UPDATE projection_builds
     SET state = $5, failed_position = $6, failed_type = $7, failed_message = $8,
       seen_at = CASE WHEN $5 IN ('stopped', 'paused') THEN seen_at ELSE clock_timestamp() END
     WHERE name = $1 AND generation = $2 AND commit_position = $3 AND prepare_position = $4`,
    [
      build.name,
      build.generation,
      ...numbers(at),
      why.state,
      why.position?.commit.toString() ?? null,
      why.type === undefined ? null : storableText(why.type),
      why.message === undefined ? null : storableText(why.message).slice(0, 1_000),
    ],
  );
};

/** Stores the event at which a build stands, if it was not known before. */
export const noteLandmark = async (
  database: ReadModelDatabase,
  { name, generation, position }: Build,
  landmark: Landmark,
): Promise<void> => {
  await database.rows(
    `UPDATE projection_builds SET landmark = $5
     WHERE name = $1 AND generation = $2 AND commit_position = $3 AND prepare_position = $4`,
    [name, generation, ...numbers(position), landmarkToText(landmark)],
  );
};

/** Stores that the rows of a build do not belong to the present log. Readers of the build then get an error. */
export const noteDisplaced = async (
  database: ReadModelDatabase,
  { name, generation }: Build,
  why: string,
): Promise<void> => {
  await database.rows('UPDATE projection_builds SET displaced = $3 WHERE name = $1 AND generation = $2', [
    name,
    generation,
    storableText(why),
  ]);
};

const numbers = ({ commit, prepare }: LogPosition): [string, string] => [
  commit.toString(),
  prepare.toString(),
];
