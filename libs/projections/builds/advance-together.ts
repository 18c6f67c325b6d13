import { landmarkToText } from '#libs/event-store/continuity/landmark.js';
import { askTogether } from '../postgres/ask-together.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { unnest } from '../postgres/unnest.js';
import type { Build } from './build.js';
import { advanceBuild } from './checkpoints.js';
import type { Advance } from './checkpoints.js';

type Move = Readonly<{ build: Build; advance: Advance }>;

const COLUMNS = {
  name: 'text',
  generation: 'int',
  from_commit: 'numeric',
  from_prepare: 'numeric',
  to_commit: 'numeric',
  to_prepare: 'numeric',
  to_state: 'text',
  to_lag: 'bigint',
  to_landmark: 'text',
} as const;

const rowOf = ({ build, advance: { from, to, state, lagMs } }: Move) => ({
  name: build.name,
  generation: build.generation,
  from_commit: from.commit.toString(),
  from_prepare: from.prepare.toString(),
  to_commit: to.position.commit.toString(),
  to_prepare: to.position.prepare.toString(),
  to_state: state,
  to_lag: Math.round(lagMs),
  to_landmark: to.landmark ? landmarkToText(to.landmark) : null,
});

/**
 * Moves the checkpoint of a build that has nothing to apply, and says that its runner is alive: the moves of all builds
 * of a process that beat in the same moment are one statement. Nobody waits for a row that another transaction holds:
 * its move is made by itself.
 *
 * @throws CheckpointMoved, PostgresUnavailable
 */
export const advanceTogether = (database: ReadModelDatabase, build: Build, advance: Advance): Promise<void> =>
  advanceIdle(database, { build, advance });

const advanceIdle = askTogether<Move, void>(async (database: ReadModelDatabase, moves: readonly Move[]) => {
  const { given, columns, parameters } = unnest(COLUMNS, moves.map(rowOf));
  const moved = await database.rows<{ name: string; generation: number }>(
    `WITH given AS (SELECT ${columns} FROM ${given}),
     free AS (
       SELECT build.name, build.generation FROM projection_builds AS build JOIN given USING (name, generation)
       WHERE commit_position = from_commit AND prepare_position = from_prepare
       ORDER BY build.name, build.generation FOR UPDATE OF build SKIP LOCKED
     ),
     moved AS (
       UPDATE projection_builds AS build
       SET commit_position = to_commit, prepare_position = to_prepare, state = to_state, lag_ms = to_lag,
           landmark = to_landmark, seen_at = clock_timestamp(),
           failed_position = NULL, failed_type = NULL, failed_message = NULL
       FROM free JOIN given USING (name, generation)
       WHERE build.name = free.name AND build.generation = free.generation
       RETURNING build.name, build.generation
     ) SELECT name, generation FROM moved`,
    parameters,
  );
  const isMoved = ({ build }: Move): boolean =>
    moved.some(({ name, generation }) => name === build.name && generation === build.generation);
  return moves.map((move) => (isMoved(move) ? Promise.resolve() : advanceAlone(database, move)));
});

const advanceAlone = (database: ReadModelDatabase, { build, advance }: Move): Promise<void> =>
  database.transaction((tx) => advanceBuild(tx, build, advance));
