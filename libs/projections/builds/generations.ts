import { landmarkFromText } from '#libs/event-store/continuity/landmark.js';
import { LOG_START, comparePositions, keptPositionOf } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { BuildStage } from '../entities/projection-build.entity.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import type { Transaction } from '../postgres/transaction.js';
import type { Build } from './build.js';
import { tablesOf } from './build-tables.js';
import type { Projection } from './projection.js';
import {
  createApplyIndexes,
  createQueryIndexes,
  createTables,
  createViews,
  dropTables,
} from './table-shape.js';

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

/**
 * Returns all builds of a projection, of which exactly one is active. Creates the first generation at the very first
 * start.
 */
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

/** Creates an empty generation next to the active one. It replaces all others, but a recount leaves the kept one. */
export const beginBuild = (
  database: ReadModelDatabase,
  projection: Projection,
  stage: 'building' | 'recounting',
  acceptsDifferences = false,
): Promise<Build> =>
  database.transaction(async (tx) => {
    await lockBuilds(tx, projection.name);
    const found = await findBuilds(tx, projection.name);
    // A recount does not touch the generation that is kept for a revert.
    const replaced = found.filter(({ stage: old }) =>
      stage === 'recounting' ? old !== 'active' && old !== 'kept' : old !== 'active',
    );
    for (const build of replaced) await dropBuild(tx, projection.name, build);
    return insertBuild(tx, projection, nextGeneration(found), stage, acceptsDifferences);
  });

/** Removes a build with its tables, unless it is the active one. */
export const removeBuild = (database: ReadModelDatabase, { name, generation }: Build): Promise<void> =>
  database.transaction(async (tx) => {
    await lockBuilds(tx, name);
    const found = await findBuilds(tx, name);
    const build = found.find((each) => each.generation === generation);
    if (build && build.stage !== 'active') await dropBuild(tx, name, build);
  });

/** Makes another build the active one, in one step for readers. The previous one is kept as it is. */
export const activateBuild = (
  database: ReadModelDatabase,
  projection: Projection,
  build: Build,
): Promise<void> =>
  database.transaction(async (tx) => {
    // While this waits for a query to end, new readers would queue up behind it, so it is better to give up and try
    // again.
    await tx.run(`SET LOCAL lock_timeout = '100ms'`);
    await lockBuilds(tx, projection.name);
    await inherit(tx, projection, build);
    await tx.run(`UPDATE projection_builds SET active = false, stage = 'kept' WHERE name = $1 AND active`, [
      projection.name,
    ]);
    await tx.run(
      `UPDATE projection_builds SET active = true, stage = 'active' WHERE name = $1 AND generation = $2`,
      [projection.name, build.generation],
    );
    await createViews(tx, projection.tables, build.generation);
  });

/** Lets a build take over what the log no longer has, unless the active one belongs to another log or lacks a table. */
const inherit = async (tx: Transaction, projection: Projection, to: Build): Promise<void> => {
  const active = (await findBuilds(tx, projection.name)).find(({ stage }) => stage === 'active');
  const wanted = projection.tables.map(({ name }) => name);
  if (!active || active.displaced !== null || !wanted.every((name) => active.tables.includes(name))) return;
  await projection.inherit?.(tx, tablesOf(active.generation), tablesOf(to.generation));
};

/** Locks the builds of a projection, so that only one process at a time creates, removes or activates them. */
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
      LOG_START.commit.toString(),
      LOG_START.prepare.toString(),
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

/**
 * Returns the stored event only if it belongs to the position: a version that does not store events may have moved on.
 */
const knownBy = (text: string | null, position: LogPosition): Pick<Build, 'landmark'> => {
  const landmark = text === null ? undefined : landmarkFromText(text);
  return landmark && comparePositions(landmark.position, position) === 0 ? { landmark } : {};
};
