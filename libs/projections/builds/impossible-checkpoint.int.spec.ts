import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counting } from '#test/support/counting-projection.js';
import { LogBuilder, MemoryLog, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { beginBuild } from './generations.js';
import type { Build } from './build.js';
import { want, wantPaused, wantResumed } from '../runner/control-store.js';
import { ProjectionRunner } from '../runner/projection-runner.js';

const postgres = usePostgres();
const projection = counting();
let scratch: ScratchDatabase;
let log: MemoryLog;
let build: LogBuilder;
let running: ProjectionRunner | undefined;
let unplaced: Build[];

beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
  log = new MemoryLog();
  build = new LogBuilder();
  unplaced = [];
});
afterEach(async () => {
  await stop();
  await scratch.close();
});

const start = (): ProjectionRunner => {
  running = new ProjectionRunner(projection, log, scratch.stores, {
    heartbeatMs: 10,
    onLost: (found) => unplaced.push(found),
  });
  running.start();
  return running;
};
const stop = async (): Promise<void> => {
  await running?.stopProjection();
  running = undefined;
};
const post = (...bodies: string[]): void =>
  log.append(
    ...bodies.map((body) => build.add('messages-general', { type: 'MessagePosted', data: { body } })),
  );
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 15_000, interval: 10 });
const level = () =>
  eventually(() =>
    expect(running!.status()).toMatchObject({ state: 'live', position: log.events.at(-1)!.position }),
  );
const seen = async (): Promise<string[]> =>
  (await scratch.database.rows<{ body: string }>('SELECT body FROM seen ORDER BY position, n')).map(
    ({ body }) => body,
  );
const builds = async (): Promise<string[]> =>
  (
    await scratch.database.rows<{ build: string }>(
      `SELECT generation || ' ' || stage AS build FROM projection_builds WHERE name = 'seen' ORDER BY generation`,
    )
  ).map((row) => row.build);
/** Stores the checkpoint of a version that took such a number for a position. */
const plant = async (stored: bigint, generation = 1): Promise<void> => {
  await scratch.database.rows(
    `UPDATE projection_builds SET commit_position = $1, prepare_position = $1, state = 'live', lag_ms = 0
     WHERE name = 'seen' AND generation = $2`,
    [`${stored}`, generation],
  );
};
const MAX = 2n ** 64n - 1n;

describe('a stored checkpoint that no event can have', () => {
  it.each([MAX, MAX - 1n, 2n ** 63n, 2n ** 63n - 1n, -2n])(
    'like %s is reported, and the read model is rebuilt while its old rows are served',
    async (stored) => {
      post('a', 'b');
      start();
      await level();
      await stop();
      await plant(stored);
      post('c');
      start();
      const shown = new Set<string>();
      await eventually(async () => {
        shown.add((await seen()).join(''));
        expect(await builds()).toEqual(['2 active']);
      });
      await level();
      expect([...shown].filter((rows) => rows !== 'ab' && rows !== 'abc')).toEqual([]);
      post('d');
      await eventually(async () => expect(await seen()).toEqual(['a', 'b', 'c', 'd']));
      expect(unplaced).toMatchObject([
        { name: 'seen', generation: 1, stage: 'active', unplaced: `${stored}/${stored}` },
      ]);
    },
  );

  it('of a read model without rows is ignored: past and new events are applied', async () => {
    start();
    await eventually(() => expect(running!.status().state).toBe('live'));
    await stop();
    await plant(MAX);
    post('a');
    start();
    await level();
    post('b');
    await eventually(async () => expect(await seen()).toEqual(['a', 'b']));
  });

  it('of an unfinished rebuild makes it start over', async () => {
    post('a', 'b');
    start();
    await level();
    await stop();
    await beginBuild(scratch.database, projection, 'building');
    await plant(MAX, 2);
    start();
    await eventually(async () => expect(await builds()).toEqual(['1 kept', '3 active']));
    await level();
    expect(await seen()).toEqual(['a', 'b']);
    expect(unplaced).toMatchObject([{ generation: 2, stage: 'building' }]);
  });

  it('of both has the read model rebuilt, not only recounted', async () => {
    post('a');
    start();
    await level();
    await stop();
    await beginBuild(scratch.database, projection, 'recounting');
    await plant(MAX);
    start();
    await eventually(async () => expect(await builds()).toEqual(['3 active']));
    await level();
    expect(await seen()).toEqual(['a']);
  });

  it('of the generation kept for a way back has it removed', async () => {
    post('a');
    start();
    await level();
    await want(scratch.database, 'seen', 'rebuild');
    await eventually(async () => expect(await builds()).toEqual(['1 kept', '2 active']));
    await plant(MAX, 1);
    await want(scratch.database, 'seen', 'revert');
    await eventually(async () =>
      expect(
        await scratch.database.rows(`SELECT wanted FROM projection_controls WHERE name = 'seen'`),
      ).toEqual([{ wanted: null }]),
    );
    expect(await builds()).toEqual(['1 kept', '2 active']);
    await stop();
    start();
    await eventually(async () => expect(await builds()).toEqual(['2 active']));
    expect(unplaced).toMatchObject([{ generation: 1, stage: 'kept' }]);
  });

  it('is left alone while the projection is paused, and found when it resumes', async () => {
    post('a');
    start();
    await level();
    await stop();
    await plant(MAX);
    await wantPaused(scratch.database, 'seen');
    start();
    await eventually(() => expect(running!.status().state).toBe('paused'));
    expect(await builds()).toEqual(['1 active']);
    await wantResumed(scratch.database, 'seen');
    await eventually(async () => expect(await builds()).toEqual(['2 active']));
    await level();
  });
});
