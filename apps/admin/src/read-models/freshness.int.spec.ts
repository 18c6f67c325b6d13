import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { listProjections } from '../projections/list-projections.query.js';
import { readFreshness } from './freshness.js';
import type { Freshness } from './freshness.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
});
afterAll(() => scratch?.close());
beforeEach(() => standing('true', { at: 300n, prepare: 300n }));

type Standing = { at: bigint; prepare?: bigint; lagMs?: number; silenceMs?: number };
const standing = async (which: string, { at, prepare = at, lagMs = 0, silenceMs = 1_000 }: Standing) => {
  await scratch.database.rows(
    `UPDATE projection_builds SET commit_position = $1, prepare_position = $2, lag_ms = $3, state = 'live',
       seen_at = clock_timestamp() - $4 * interval '1 ms' WHERE ${which}`,
    [`${at}`, `${prepare}`, lagMs, silenceMs],
  );
};
const freshness = (names: Parameters<typeof readFreshness>[1] = 'all'): Promise<Freshness> =>
  scratch.database.guarded((source) => readFreshness(source.manager, names));

describe('how fresh an answer is', () => {
  it('is that of the read model furthest behind, and of the one that lags most', async () => {
    await standing(`name = 'bots'`, { at: 200n, lagMs: 70 });
    await standing(`name = 'messages'`, { at: 250n, lagMs: 90 });
    expect(await freshness()).toEqual({ position: 200n, lagMs: 90 });
    expect(await freshness(['messages'])).toEqual({ position: 250n, lagMs: 90 });
    await standing(`name = 'bots'`, { at: 200n, prepare: 0n });
    expect((await freshness(['bots'])).position).toBe(199n);
  });

  it('counts the silence of a runner that has said nothing for long', async () => {
    await standing(`name = 'bots'`, { at: 200n, silenceMs: 60_000 });
    const { lagMs } = await freshness();
    expect(lagMs).toBeGreaterThanOrEqual(60_000);
  });

  it.each([2n ** 64n - 1n, 2n ** 64n - 2n, 2n ** 63n - 1n])(
    'is none where the stored checkpoint is %s, which no event can have',
    async (at) => {
      await standing(`name = 'bots'`, { at });
      expect((await freshness()).position).toBe(-1n);
      expect((await freshness(['bots'])).lagMs).toBeGreaterThanOrEqual(1_000);
      expect(await freshness(['messages'])).toEqual({ position: 300n, lagMs: 0 });
      const { items } = await scratch.database.guarded((source) =>
        listProjections(source.manager, Date.now()),
      );
      const bots = items.find(({ name }) => name === 'bots')!;
      expect(bots).toMatchObject({ status: 'catching_up' });
      expect(bots.position).toBeUndefined();
      expect(bots.lagMs).toBeGreaterThanOrEqual(1_000);
    },
  );
});
