import { landmarkFromText, landmarkToText } from '#libs/event-store/continuity/landmark.js';
import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import { LOG_START, comparePositions, keptPositionOf } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { storableText } from '../postgres/exact-text.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import type { Transaction } from '../postgres/transaction.js';
import type { BuildStage, BuildState } from '../entities/projection-build.entity.js';
import type { Projection } from './projection.js';
import { CheckpointMoved } from './projection.errors.js';
import {
  createApplyIndexes,
  createQueryIndexes,
  createTables,
  createViews,
  dropTables,
} from './table-shape.js';

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

/** A move of the checkpoint, with what the runner says of itself. */
export type Advance = Readonly<{ from: LogPosition; to: Checkpoint; state: BuildState; lagMs: number }>;

/** Whether nobody can go on from where it stands. It must be built anew. */
export const isLost = ({ unplaced, displaced }: Pick<Build, 'unplaced' | 'displaced'>): boolean =>
  unplaced !== undefined || displaced !== undefined;

type BuildRecord = Readonly<{
  generation: number;
  version: number;
  stage: BuildStage;
  accepts_differences: boolean;
  tables: string[];
  loading: boolean;
  commit_position: string;
  prepare_position: string;
  landmark: string | null;
  displaced: string | null;
}>;

/** All builds of a projection; only one is active. At the very first start the first generation is made. */
export const openBuilds = (database: ReadModelDatabase, projection: Projection): Promise<Build[]> =>
  database.transaction(async (tx) => {
    await lockBuilds(tx, projection.name);
    const found = await findBuilds(tx, projection.name);
    if (found.some(({ stage }) => stage === 'active')) return found.map(toBuild(projection.name));
    const first = await insertBuild(tx, projection, nextGeneration(found), 'active');
    await createQueryIndexes(tx, projection.tables, first.generation);
    await createViews(tx, projection.tables, first.generation);
    return [...found.map(toBuild(projection.name)), first];
  });

/** Makes an empty generation beside the active one, in place of any other. */
export const beginBuild = (
  database: ReadModelDatabase,
  projection: Projection,
  stage: 'building' | 'recounting',
  acceptsDifferences = false,
): Promise<Build> =>
  database.transaction(async (tx) => {
    await lockBuilds(tx, projection.name);
    const found = await findBuilds(tx, projection.name);
    // A recount leaves the generation kept for a way back alone.
    const replaced = found.filter(({ stage: old }) =>
      stage === 'recounting' ? old !== 'active' && old !== 'kept' : old !== 'active',
    );
    for (const build of replaced) await dropBuild(tx, projection.name, build);
    return insertBuild(tx, projection, nextGeneration(found), stage, acceptsDifferences);
  });

/** Removes a build that is not the active one, with its tables. */
export const removeBuild = (database: ReadModelDatabase, { name, generation }: Build): Promise<void> =>
  database.transaction(async (tx) => {
    await lockBuilds(tx, name);
    const found = await findBuilds(tx, name);
    const build = found.find((each) => each.generation === generation);
    if (build && build.stage !== 'active') await dropBuild(tx, name, build);
  });

/** Makes another build the active one, in one step for readers; the one before is kept as it stands. */
export const activateBuild = (
  database: ReadModelDatabase,
  projection: Projection,
  build: Build,
): Promise<void> =>
  database.transaction(async (tx) => {
    // Readers that come while this waits for one under way would queue behind it: better to try again.
    await tx.run(`SET LOCAL lock_timeout = '100ms'`);
    await lockBuilds(tx, projection.name);
    await tx.run(`UPDATE projection_builds SET active = false, stage = 'kept' WHERE name = $1 AND active`, [
      projection.name,
    ]);
    await tx.run(
      `UPDATE projection_builds SET active = true, stage = 'active' WHERE name = $1 AND generation = $2`,
      [projection.name, build.generation],
    );
    await createViews(tx, projection.tables, build.generation);
  });

/** Notes what a build that is not active is at. */
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

/** Notes what a comparison found: of a recount with the active build, else with the one that was built. */
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
 * Moves the checkpoint, only from where this runner left it, and takes the row's lock until the transaction ends: of
 * two runners one waits here and then finds that it lost.
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

/** Makes a loaded build one that `apply` can go on with. Call it in one transaction with what settles its rows. */
export const endLoading = async (tx: Transaction, { name, generation }: Build): Promise<void> => {
  await tx.run('UPDATE projection_builds SET loading = false WHERE name = $1 AND generation = $2', [
    name,
    generation,
  ]);
};

/**
 * Says that the build stands at `at`, and why; says nothing if another runner has moved it on. One that is stopped or
 * paused was not seen level with the log just now: its lag goes on growing from when it was.
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

/** Notes the event at which a build stands, where it is not known yet. */
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

/** Notes that the rows of a build are not of the log that is there: whoever asks them is told so. */
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

/** Whoever makes, removes or activates builds does so alone. */
const lockBuilds = async (tx: Transaction, name: string): Promise<void> => {
  await tx.run('INSERT INTO projection_controls (name) VALUES ($1) ON CONFLICT DO NOTHING', [name]);
  await tx.rows('SELECT name FROM projection_controls WHERE name = $1 FOR UPDATE', [name]);
};

const findBuilds = (tx: Transaction, name: string): Promise<BuildRecord[]> =>
  tx.rows<BuildRecord>(
    `SELECT generation, version, stage, accepts_differences, tables, loading, commit_position, prepare_position,
       landmark, displaced
     FROM projection_builds WHERE name = $1 ORDER BY generation`,
    [name],
  );

const insertBuild = async (
  tx: Transaction,
  projection: Projection,
  generation: number,
  stage: BuildStage,
  acceptsDifferences = false,
): Promise<Build> => {
  const { name, version, tables } = projection;
  const loading = stage !== 'active' && projection.load !== undefined;
  await createTables(tx, tables, generation);
  if (!loading) await createApplyIndexes(tx, tables, generation);
  await tx.run(
    `INSERT INTO projection_builds
       (name, generation, version, active, stage, accepts_differences, tables, loading, commit_position, prepare_position, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'catching_up')`,
    [
      name,
      generation,
      version,
      stage === 'active',
      stage,
      acceptsDifferences,
      tables.map((table) => table.name),
      loading,
      ...numbers(LOG_START),
    ],
  );
  return { name, generation, version, stage, acceptsDifferences, position: LOG_START, loading };
};

const dropBuild = async (tx: Transaction, name: string, build: BuildRecord): Promise<void> => {
  await dropTables(tx, build.tables, build.generation);
  await tx.run('DELETE FROM projection_builds WHERE name = $1 AND generation = $2', [name, build.generation]);
};

const nextGeneration = (found: readonly BuildRecord[]): number => (found.at(-1)?.generation ?? 0) + 1;

const toBuild =
  (name: string) =>
  (found: BuildRecord): Build => ({
    name,
    generation: found.generation,
    version: found.version,
    stage: found.stage,
    acceptsDifferences: found.accepts_differences,
    loading: found.loading,
    ...placeOf(found),
  });

const placeOf = (found: BuildRecord): Pick<Build, 'position' | 'unplaced' | 'landmark' | 'displaced'> => {
  if (found.displaced !== null) return { position: LOG_START, displaced: found.displaced };
  const position = keptPositionOf(found.commit_position, found.prepare_position);
  if (position) return { position, ...knownBy(found.landmark, position) };
  return { position: LOG_START, unplaced: `${found.commit_position}/${found.prepare_position}` };
};

/** A version that does not know of landmarks may have moved on without. */
const knownBy = (text: string | null, position: LogPosition): Pick<Build, 'landmark'> => {
  const landmark = text === null ? undefined : landmarkFromText(text);
  return landmark && comparePositions(landmark.position, position) === 0 ? { landmark } : {};
};

const numbers = ({ commit, prepare }: LogPosition): [string, string] => [
  commit.toString(),
  prepare.toString(),
];
