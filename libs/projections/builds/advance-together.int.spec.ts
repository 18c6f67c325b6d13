import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { counting } from '#test/support/counting-projection.js';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { readControl } from '../runner/control-store.js';
import { advanceTogether } from './advance-together.js';
import type { Build } from './build.js';
import { openBuilds } from './generations.js';
import { CheckpointMoved } from './projection.errors.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let build: Build;

beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
  [build] = (await openBuilds(scratch.database, counting())) as [Build];
});
afterEach(() => scratch.close());

const at = (commit: bigint) => ({ commit, prepare: commit });
const move = (of: Build, from: Build['position'], to: bigint) =>
  advanceTogether(scratch.database, of, { from, to: { position: at(to) }, state: 'live', lagMs: 7 });
const standing = async () =>
  (
    await scratch.database.rows<object>(
      `SELECT generation, commit_position, state, lag_ms FROM projection_builds WHERE name = $1`,
      [build.name],
    )
  )[0];
/** Makes a second build, of another projection. */
const another = async (): Promise<Build> =>
  (await openBuilds(scratch.database, { ...counting(), name: 'other', tables: [] }))[0]!;

describe('checkpoints that move without rows', () => {
  it('are written with state and lag', async () => {
    await move(build, build.position, 5n);
    expect(await standing()).toMatchObject({ commit_position: '5', state: 'live', lag_ms: '7' });
  });

  it('fail alone where another runner has moved one', async () => {
    const other = await another();
    const moves = await Promise.allSettled([move(build, at(3n), 5n), move(other, other.position, 5n)]);
    expect(moves[0]).toMatchObject({ status: 'rejected', reason: expect.any(CheckpointMoved) as unknown });
    expect(moves[1].status).toBe('fulfilled');
  });

  it('wait alone where a row is held, and lose if the holder has moved it', async () => {
    const other = await another();
    let held: Promise<void> | undefined;
    await scratch.database.transaction(async (tx) => {
      await tx.run(`UPDATE projection_builds SET commit_position = 4 WHERE name = $1`, [build.name]);
      held = move(build, build.position, 5n);
      held.catch(() => undefined);
      await move(other, other.position, 5n); // would never end if it waited as well
      await expect(move(other, at(5n), 6n)).resolves.toBeUndefined();
    });
    await expect(held).rejects.toThrow(CheckpointMoved);
  });
});

describe('what operators want', () => {
  it('is read for all projections in one moment, also for one that nobody has asked about', async () => {
    await scratch.database.rows(`UPDATE projection_controls SET paused = true WHERE name = $1`, [build.name]);
    const [known, fresh] = await Promise.all([
      readControl(scratch.database, build.name),
      readControl(scratch.database, 'unknown'),
    ]);
    expect(known).toMatchObject({ paused: true, wanted: null });
    expect(fresh).toEqual({ paused: false, wanted: null, resumes: 0, comparedAt: null });
  });

  it('is read, too, while another transaction holds the row', async () => {
    await scratch.database.transaction(async (tx) => {
      await tx.rows(`SELECT FROM projection_controls WHERE name = $1 FOR UPDATE`, [build.name]);
      expect(await readControl(scratch.database, build.name)).toMatchObject({ paused: false });
    });
  });
});
