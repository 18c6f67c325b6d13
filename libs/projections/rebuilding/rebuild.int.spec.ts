import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogBuilder, MemoryLog, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { beginBuild } from '../builds/generations.js';
import { want } from '../runner/control-store.js';
import type { Wanted } from '../runner/control-store.js';
import type { Difference } from './compare-builds.js';
import { ProjectionRunner } from '../runner/projection-runner.js';
import type { RunnerOptions } from '../runner/projection-runner.js';
import type { Projection } from '../builds/projection.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let log: MemoryLog;
let build: LogBuilder;
let running: ProjectionRunner | undefined;
let compared: (readonly Difference[])[];
let failed: Error[];

beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
  log = new MemoryLog();
  build = new LogBuilder();
  compared = [];
  failed = [];
});
afterEach(async () => {
  await running?.stopProjection();
  running = undefined;
  await scratch.close();
});

/** Counts the letters posted in each channel. The result shows the order and the number of the events. */
const letters: Projection = {
  name: 'letters',
  version: 1,
  tables: [
    {
      name: 'letters',
      columns: { channel: 'text', said: 'text NOT NULL', position: 'bigint NOT NULL', upper: 'text' },
      key: ['channel'],
      queryIndexes: { said: '(said)' },
      derived: ['upper'],
    },
  ],
  streamPrefixes: ['messages-'],
  eventTypes: ['MessagePosted'],
  async apply(events, tx, table) {
    for (const { data, stream, position } of events) {
      const { body } = data as { body: string };
      if (body === 'poison') throw new Error('can not be applied');
      await tx.run(
        `INSERT INTO ${table('letters')} AS l VALUES ($1, $2, $3) ON CONFLICT (channel)
         DO UPDATE SET said = l.said || excluded.said, position = excluded.position WHERE l.position < excluded.position`,
        [stream, body, `${position.commit}`],
      );
    }
  },
};

const start = (projection: Projection = letters, options: RunnerOptions = {}): ProjectionRunner => {
  running = new ProjectionRunner(projection, log, scratch.stores, {
    heartbeatMs: 10,
    ...options,
    onCompared: (_, differences) => compared.push(differences),
    onRebuildFailed: (_, error) => failed.push(error),
  });
  running.start();
  return running;
};
const post = (channel: string, ...bodies: string[]): void =>
  log.append(
    ...bodies.map((body) => build.add(`messages-${channel}`, { type: 'MessagePosted', data: { body } })),
  );
const said = async (): Promise<string[]> =>
  (await scratch.database.rows<{ said: string }>('SELECT said FROM letters ORDER BY channel')).map(
    (r) => r.said,
  );
const stages = async (): Promise<string[]> =>
  (
    await scratch.database.rows<{ stage: string }>(
      `SELECT generation || ' ' || stage AS stage FROM projection_builds WHERE name = 'letters' ORDER BY generation`,
    )
  ).map(({ stage }) => stage);
const tables = async (): Promise<string[]> =>
  (
    await scratch.database.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relname LIKE 'letters%' AND relkind IN ('r', 'v', 'i') ORDER BY 1`,
    )
  ).map(({ name }) => name);
const asked = (wanted: Wanted) => want(scratch.database, 'letters', wanted);
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });
const level = () =>
  eventually(() =>
    expect(running!.status()).toMatchObject({ state: 'live', position: log.events.at(-1)!.position }),
  );

describe('a rebuild', () => {
  it('replaces the old generation by a new one with its indexes, and keeps the old one', async () => {
    post('a', 'x', 'y');
    start();
    await level();
    await asked('rebuild');
    await eventually(async () => expect(await stages()).toEqual(['1 kept', '2 active']));
    expect(compared).toEqual([[]]);
    expect(await tables()).toEqual([
      'letters',
      'letters_g1',
      'letters_g1_pkey',
      'letters_g1_said',
      'letters_g2',
      'letters_g2_pkey',
      'letters_g2_said',
    ]);
    post('a', 'z');
    await level();
    expect(await said()).toEqual(['xyz']);
    await asked('rebuild');
    await eventually(async () => expect(await stages()).toEqual(['2 kept', '3 active']));
    expect(await tables()).not.toContain('letters_g1');
  });

  it('never lets readers see less than they saw, while events arrive', async () => {
    post('a', ...Array.from('abcdefghij'));
    start();
    await level();
    await asked('rebuild');
    let before = 0;
    for (let i = 0; (await stages())[1] !== '2 active'; i++) {
      post('a', 'x');
      const [text] = await said();
      expect(text!.length).toBeGreaterThanOrEqual(before);
      before = text!.length;
    }
    await level();
    expect(await said()).toEqual([log.events.map(({ data }) => (data as { body: string }).body).join('')]);
    expect(compared).toEqual([[]]);
  });

  it('names the rows that differ and leaves the old generation where it is, unless told to accept', async () => {
    post('a', 'x');
    post('b', 'y');
    start();
    await level();
    await scratch.database.rows(`UPDATE letters_g1 SET said = 'tampered' WHERE channel = 'messages-b'`);
    await asked('rebuild');
    await eventually(async () => expect(await stages()).toEqual(['1 active', '2 differs']));
    expect(compared).toEqual([[{ table: 'letters', rows: 1, keys: [{ channel: 'messages-b' }] }]]);
    post('a', 'x');
    await level();
    expect(await said()).toEqual(['xx', 'tampered']);
    await asked('accept');
    await eventually(async () => expect(await stages()).toEqual(['1 kept', '3 active']));
    expect(await said()).toEqual(['xx', 'y']);
  });

  it('still accepts differences when the process that was told to accept them has ended', async () => {
    post('a', 'x');
    const first = start();
    await level();
    await first.stopProjection();
    await scratch.database.rows(`UPDATE letters_g1 SET said = 'tampered'`);
    await beginBuild(scratch.database, letters, 'building', true);
    start();
    await eventually(async () => expect(await stages()).toEqual(['1 kept', '2 active']));
    expect(compared).toEqual([[{ table: 'letters', rows: 1, keys: [{ channel: 'messages-a' }] }]]);
    expect(await said()).toEqual(['x']);
  });

  it('can be undone at once; the earlier generation catches up', async () => {
    post('a', 'x');
    start();
    await level();
    await asked('rebuild');
    await eventually(async () => expect(await stages()).toEqual(['1 kept', '2 active']));
    post('a', 'y');
    await level();
    await asked('revert');
    await eventually(async () => expect(await stages()).toEqual(['1 active', '2 kept']));
    await level();
    expect(await said()).toEqual(['xy']);
  });

  it('continues where it was after the process ended', async () => {
    post('a', 'a', 'b', 'c');
    const first = start();
    await level();
    await first.stopProjection();
    await asked('rebuild');
    const second = start();
    await eventually(async () => expect((await stages()).length).toBe(2));
    await second.stopProjection();
    start();
    await eventually(async () => expect(await stages()).toEqual(['1 kept', '2 active']));
    expect(await said()).toEqual(['abc']);
  });

  it('that meets an event that it cannot apply leaves the active generation alone', async () => {
    post('a', 'x');
    start();
    await level();
    await running!.stopProjection();
    log.events.unshift({
      ...build.add('messages-a', { type: 'MessagePosted', data: { body: 'poison' } }),
      position: { commit: 1n, prepare: 1n },
    });
    start();
    await asked('rebuild');
    await eventually(() =>
      expect(failed.map(({ message }) => message)).toEqual([expect.stringContaining('position 1')]),
    );
    post('a', 'y');
    await level();
    expect(await said()).toEqual(['xy']);
  });

  it('starts by itself when the code has another version; the old rows are shown until it ends', async () => {
    post('a', 'x');
    const old = start();
    await level();
    await old.stopProjection();
    start({
      ...letters,
      version: 2,
      tables: [{ ...letters.tables[0]!, columns: { ...letters.tables[0]!.columns, louder: 'boolean' } }],
    });
    await eventually(async () => expect(await stages()).toEqual(['1 kept', '2 active']));
    expect(await scratch.database.rows('SELECT said, louder FROM letters')).toEqual([
      { said: 'x', louder: null },
    ]);
    expect(compared).toEqual([]);
  });
});

describe('a recount', () => {
  it('finds nothing if everything is well, and leaves nothing behind', async () => {
    post('a', 'x', 'y');
    start();
    await level();
    await asked('recount');
    await eventually(() => expect(compared).toEqual([[]]));
    await eventually(async () => expect(await stages()).toEqual(['1 active']));
    expect(await tables()).not.toContain('letters_g2');
  });

  it('starts by itself after a while, and again and again', async () => {
    post('a', 'x');
    start(letters, { recount: { firstMs: 50, everyMs: 50 } });
    await eventually(() => expect(compared.slice(0, 3)).toEqual([[], [], []]));
    post('a', 'y');
    await level();
    expect(await said()).toEqual(['xy']);
  });

  it('waits while another read model is recounted, without holding up a stop', async () => {
    const giveBack = await scratch.stores.recounts.takeTurn(new AbortController().signal);
    post('a', 'x');
    start();
    await level();
    await asked('recount');
    await eventually(async () => expect(await stages()).toEqual(['1 active', '2 recounting']));
    await running!.stopProjection();
    start();
    post('a', 'y');
    await level();
    expect(compared).toEqual([]);
    giveBack();
    await eventually(() => expect(compared).toEqual([[]]));
    await eventually(async () => expect(await stages()).toEqual(['1 active']));
  });

  it('names rows that drifted, in the list of builds too', async () => {
    post('a', 'x');
    post('b', 'y');
    start();
    await level();
    await scratch.database.rows(`DELETE FROM letters_g1 WHERE channel = 'messages-a'`);
    await asked('recount');
    const drifted = [{ table: 'letters', rows: 1, keys: [{ channel: 'messages-a' }] }];
    await eventually(() => expect(compared).toEqual([drifted]));
    await eventually(async () => {
      const [active] = await scratch.database.rows<{ differences: string | null }>(
        `SELECT differences FROM projection_builds WHERE name = 'letters' AND active`,
      );
      expect(JSON.parse(active!.differences ?? 'null')).toEqual(drifted);
    });
    expect(await said()).toEqual(['y']);
  });
});
