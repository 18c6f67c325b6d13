import { LOG_START } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { storableText } from '../postgres/exact-text.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import type { Transaction } from '../postgres/transaction.js';
import type { BuildState } from './projection-build.entity.js';
import type { Projection } from './projection.js';
import { CheckpointMoved, VersionMismatch } from './projection.errors.js';

/** The active build of a projection as it was found. */
export type Build = Readonly<{ name: string; generation: number; position: LogPosition }>;

/** A move of the checkpoint, with what the runner says of itself. */
export type Advance = Readonly<{ from: LogPosition; to: LogPosition; state: BuildState; lagMs: number }>;

type BuildRecord = { generation: number; version: number; commit_position: string; prepare_position: string };

/**
 * Finds the active build, making generation 1 known at the very first start.
 *
 * @throws VersionMismatch when its tables were filled by other code
 */
export const openBuild = (database: ReadModelDatabase, projection: Projection): Promise<Build> =>
  database.transaction(async (tx) => {
    await tx.run(
      `INSERT INTO projection_builds (name, generation, version, active, commit_position, prepare_position, state)
       SELECT $1, 1, $2, true, $3, $4, 'catching_up'
       WHERE NOT EXISTS (SELECT FROM projection_builds WHERE name = $1)
       ON CONFLICT DO NOTHING`,
      [projection.name, projection.version, LOG_START.commit.toString(), LOG_START.prepare.toString()],
    );
    const [found] = await tx.rows<BuildRecord>(
      `SELECT generation, version, commit_position, prepare_position
       FROM projection_builds WHERE name = $1 AND active`,
      [projection.name],
    );
    if (found!.version !== projection.version) {
      throw new VersionMismatch(projection.name, found!.version, projection.version);
    }
    const position = { commit: BigInt(found!.commit_position), prepare: BigInt(found!.prepare_position) };
    return { name: projection.name, generation: found!.generation, position };
  });

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
     SET commit_position = $5, prepare_position = $6, state = $7, lag_ms = $8, seen_at = clock_timestamp(),
         failed_position = NULL, failed_type = NULL, failed_message = NULL
     WHERE name = $1 AND generation = $2 AND commit_position = $3 AND prepare_position = $4`,
    [build.name, build.generation, ...numbers(from), ...numbers(to), state, Math.round(lagMs)],
  );
  if (moved !== 1) throw new CheckpointMoved(build.name);
};

/** Says that the build stands at `at`, and why; says nothing if another runner has moved it on. */
export const reportStanding = async (
  database: ReadModelDatabase,
  build: Build,
  at: LogPosition,
  why: Readonly<{ state: BuildState; position?: LogPosition; type?: string; message?: string }>,
): Promise<void> => {
  await database.rows(
    `UPDATE projection_builds
     SET state = $5, failed_position = $6, failed_type = $7, failed_message = $8, seen_at = clock_timestamp()
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

/** Whether nobody runs the active build: its runner stopped, or has said nothing for so long by the server's clock. */
export const isAbandoned = async (
  database: ReadModelDatabase,
  name: string,
  silenceMs: number,
): Promise<boolean> => {
  const [found] = await database.rows<{ abandoned: boolean }>(
    `SELECT state IN ('stopped', 'failed') OR seen_at < clock_timestamp() - $2 * interval '1 ms' AS abandoned
     FROM projection_builds WHERE name = $1 AND active`,
    [name, silenceMs],
  );
  return found?.abandoned ?? false;
};

const numbers = ({ commit, prepare }: LogPosition): [string, string] => [
  commit.toString(),
  prepare.toString(),
];
