import type { DataSource } from 'typeorm';
import { ProjectionBuildRow } from '#libs/projections/runner/projection-build.entity.js';
import type { BuildState } from '#libs/projections/runner/projection-build.entity.js';
import { SILENCE_MS } from '../read-models/freshness.js';

export type ProjectionItem = Readonly<{
  name: string;
  version: number;
  generation: number;
  /** Commit position up to which it is level with the log; absent before the first event. */
  position?: string;
  lagMs: number;
  /** `silent`: its runner has said nothing for five seconds, so it is gone or can't reach PostgreSQL. */
  status: BuildState | 'silent';
  /** When its runner last said anything. */
  seenAt: string;
  /** The event it stands at, or why it can't run at all. */
  error?: Readonly<{ position?: string; type?: string; message: string }>;
}>;

/** Every projection's active generation, by name; there are a handful. `now` in milliseconds by this process's clock. */
export const listProjections = async (
  source: DataSource,
  now: number,
): Promise<Readonly<{ items: readonly ProjectionItem[] }>> => {
  const rows = await source.getRepository(ProjectionBuildRow).find({
    where: { active: true },
    order: { name: 'ASC' },
  });
  return { items: rows.map((row) => toItem(row, now)) };
};

const toItem = (row: ProjectionBuildRow, now: number): ProjectionItem => {
  const silence = Math.max(0, now - row.seenAt.getTime());
  const silent = silence > SILENCE_MS;
  const running = row.state !== 'failed' && row.state !== 'stopped';
  return {
    name: row.name,
    version: row.version,
    generation: row.generation,
    ...(row.commitPosition < 0n ? {} : { position: row.commitPosition.toString() }),
    lagMs: row.lagMs + (silent ? silence : 0),
    status: silent && running ? 'silent' : row.state,
    seenAt: row.seenAt.toISOString(),
    ...(row.failedMessage === null
      ? {}
      : {
          error: {
            ...(row.failedPosition === null ? {} : { position: row.failedPosition.toString() }),
            ...(row.failedType === null ? {} : { type: row.failedType }),
            message: row.failedMessage,
          },
        }),
  };
};
