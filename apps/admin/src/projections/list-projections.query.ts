import type { EntityManager } from 'typeorm';
import { LOG_START, keptPositionOf } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { Difference } from '#libs/projections/rebuilding/compare-builds.js';
import { ProjectionBuildRow } from '#libs/projections/entities/projection-build.entity.js';
import type { BuildStage, BuildState } from '#libs/projections/entities/projection-build.entity.js';
import { SILENCE_MS } from '#libs/projections/following/silence.js';

export type ProjectionItem = Readonly<{
  name: string;
  version: number;
  generation: number;
  /** Commit position in the log up to which it is up to date. Absent before the first event. */
  position?: string;
  lagMs: number;
  /**
   * `displaced` means that its rows were made from a log that was replaced; they are not used until it is
   * rebuilt. `silent` means that its runner has not reported for five seconds: the runner is gone, or cannot
   * reach PostgreSQL.
   */
  status: BuildState | 'silent' | 'displaced';
  /** When its runner last reported. */
  seenAt: string;
  /** The event at which it has stopped. */
  error?: ProjectionError;
  /** The result of the last comparison with the log. No differences is a good result. */
  compared?: Readonly<{ at: string; differences: readonly Difference[] }>;
  /** A generation that is being built, or one that was not put in place because it differs. */
  rebuild?: Readonly<{
    generation: number;
    stage: BuildStage;
    position?: string;
    differences?: readonly Difference[];
    error?: ProjectionError;
  }>;
  /** The previous generation, which a revert goes back to. */
  kept?: Readonly<{ generation: number; position?: string }>;
}>;

type ProjectionError = Readonly<{ position?: string; type?: string; message: string }>;

/**
 * Returns every projection, by name; there are only a few. `now` is in milliseconds, by this process's clock.
 */
export const listProjections = async (
  source: EntityManager,
  now: number,
): Promise<Readonly<{ items: readonly ProjectionItem[] }>> => {
  const rows = await source
    .getRepository(ProjectionBuildRow)
    .find({ order: { name: 'ASC', generation: 'ASC' } });
  const items = rows
    .filter(({ active }) => active)
    .map((row) => {
      const others = rows.filter(({ name, active }) => name === row.name && !active);
      return { ...toItem(row, now), ...otherBuilds(others) };
    });
  return { items };
};

const RUNNING: readonly ProjectionItem['status'][] = ['live', 'catching_up', 'reconnecting'];

/**
 * Returns an item that was read earlier as it is at a later time: a projection whose runner has not reported
 * since then counts as silent.
 */
export const asOf = (item: ProjectionItem, now: number): ProjectionItem => {
  const silence = now - Date.parse(item.seenAt);
  if (silence <= SILENCE_MS || !(RUNNING.includes(item.status) || item.status === 'silent')) return item;
  return { ...item, status: 'silent', lagMs: Math.max(item.lagMs, silence) };
};

const toItem = (row: ProjectionBuildRow, now: number): ProjectionItem => {
  const silence = Math.max(0, now - row.seenAt.getTime());
  const silent = silence > SILENCE_MS;
  const isPlaced = standsAt(row) !== undefined;
  return {
    name: row.name,
    version: row.version,
    generation: row.generation,
    ...positionOf(row),
    lagMs: row.lagMs + (silent || !isPlaced ? silence : 0),
    status: statusOf(row, silent),
    seenAt: row.seenAt.toISOString(),
    ...errorOf(row),
    ...(row.comparedAt === null
      ? {}
      : { compared: { at: row.comparedAt.toISOString(), differences: differencesOf(row) } }),
  };
};

const statusOf = (row: ProjectionBuildRow, silent: boolean): ProjectionItem['status'] => {
  if (row.displaced !== null) return 'displaced';
  const running = row.state !== 'failed' && row.state !== 'stopped' && row.state !== 'paused';
  if (!running) return row.state;
  if (silent) return 'silent';
  return standsAt(row) ? row.state : 'catching_up';
};

const otherBuilds = (others: readonly ProjectionBuildRow[]): Pick<ProjectionItem, 'rebuild' | 'kept'> => {
  const kept = others.find(({ stage }) => stage === 'kept');
  const built = others.find(({ stage }) => stage !== 'kept');
  return {
    ...(built && {
      rebuild: {
        generation: built.generation,
        stage: built.stage,
        ...positionOf(built),
        ...(built.stage === 'differs' ? { differences: differencesOf(built) } : {}),
        ...errorOf(built),
      },
    }),
    ...(kept && { kept: { generation: kept.generation, ...positionOf(kept) } }),
  };
};

/**
 * Returns the commit position. Absent before the first event, and where no event of this log can have the
 * stored position.
 */
const positionOf = (row: ProjectionBuildRow): { position?: string } => {
  const { commit } = standsAt(row) ?? LOG_START;
  return commit < 0n ? {} : { position: commit.toString() };
};

const standsAt = ({
  commitPosition,
  preparePosition,
  displaced,
}: ProjectionBuildRow): LogPosition | undefined =>
  displaced === null ? keptPositionOf(commitPosition, preparePosition) : undefined;

const differencesOf = ({ differences }: ProjectionBuildRow): readonly Difference[] =>
  JSON.parse(differences ?? '[]') as Difference[];

const errorOf = (row: ProjectionBuildRow): { error?: ProjectionError } =>
  row.displaced !== null
    ? { error: { message: row.displaced } }
    : row.failedMessage === null
      ? {}
      : {
          error: {
            ...(row.failedPosition === null ? {} : { position: row.failedPosition.toString() }),
            ...(row.failedType === null ? {} : { type: row.failedType }),
            message: row.failedMessage,
          },
        };
