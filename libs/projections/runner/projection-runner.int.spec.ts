import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counting } from '#test/support/counting-projection.js';
import { LogBuilder, MemoryLog, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { Backoff } from '#libs/time/backoff.js';
import { wantPaused, wantResumed } from './control-store.js';
import { ProjectionRunner } from './projection-runner.js';
import type { RunnerOptions } from './projection-runner.js';
import type { Projection } from '../builds/projection.js';
import { openProjectionStores } from './projection-stores.js';
import type { ProjectionStores } from './projection-stores.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let log: MemoryLog;
let build: LogBuilder;
let runners: ProjectionRunner[];
let others: ProjectionStores[];

beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
  others = [];
  log = new MemoryLog();
  build = new LogBuilder();
  runners = [];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stopProjection()));
  await Promise.all(others.map((stores) => stores.close()));
  await scratch.close();
});

/** Opens stores like those of another process. */
const otherStores = (): ProjectionStores => {
  const stores = openProjectionStores(scratch.url, 1);
  others.push(stores);
  return stores;
};

const runner = (
  projection: Projection,
  options: RunnerOptions = {},
  stores = scratch.stores,
): ProjectionRunner => {
  const quick = { heartbeatMs: 20, backoff: new Backoff({ initialMs: 10, maxMs: 50 }) };
  const made = new ProjectionRunner(projection, log, stores, { ...quick, ...options });
  runners.push(made);
  return made;
};

const harmless = (events: readonly PositionedEvent[]): PositionedEvent[] =>
  events.map((event) =>
    (event.data as { body: string }).body === 'poison' ? { ...event, data: { body: 'fixed' } } : event,
  );

const post = (...bodies: string[]): void =>
  log.append(
    ...bodies.map((body) => build.add('messages-general', { type: 'MessagePosted', data: { body } })),
  );

const seen = async (): Promise<string[]> =>
  (await scratch.database.rows<{ body: string }>('SELECT body FROM seen ORDER BY position, n')).map(
    ({ body }) => body,
  );
const checkpoint = async () =>
  (
    await scratch.database.rows<Record<string, string | null>>(
      `SELECT commit_position, state, failed_position, failed_type, failed_message FROM projection_builds WHERE name = 'seen' AND active`,
    )
  )[0];
/** Checks again and again until the condition holds, for at most 15 s. */
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);

describe('a projection runner', () => {
  it('applies past and new events of the log, each once, across restarts', async () => {
    post('a', 'b');
    const first = runner(counting());
    first.start();
    await eventually(async () => expect(await seen()).toEqual(['a', 'b']));
    post('c');
    await eventually(async () => expect(await seen()).toEqual(['a', 'b', 'c']));
    await first.stopProjection();
    expect(await checkpoint()).toMatchObject({
      state: 'stopped',
      commit_position: `${log.events.at(-1)!.position.commit}`,
    });
    post('d');
    runner(counting()).start();
    await eventually(async () => expect(await seen()).toEqual(['a', 'b', 'c', 'd']));
  });

  it('moves its checkpoint past events that it does not use', async () => {
    const only = runner(counting());
    only.start();
    log.append(build.add('cursor-alice.default', { type: 'CursorAdvanced', data: {} }));
    log.append(build.add('messages-general', { type: 'SomethingElse', data: {} }));
    const head = `${log.events.at(-1)!.position.commit}`;
    await eventually(async () =>
      expect(await checkpoint()).toMatchObject({ commit_position: head, state: 'live' }),
    );
    expect(await seen()).toEqual([]);
    expect(only.status()).toMatchObject({ state: 'live', lagMs: 0 });
  });

  it('runs in one of two processes; the other stands by and takes over when that one stops', async () => {
    const quick = { standby: { lookMs: 20, silenceMs: 60_000 } };
    const pair = [runner(counting(), quick), runner(counting(), quick, otherStores())];
    for (const one of pair) one.start();
    await eventually(() =>
      expect(pair.map((one) => one.status().state).toSorted()).toEqual(['live', 'standby']),
    );
    post(...many(5_000));
    await eventually(async () => expect(await seen()).toHaveLength(5_000));
    await pair.find((one) => one.status().state === 'live')!.stopProjection();
    post('after');
    await eventually(async () => expect(await seen()).toEqual([...many(5_000), 'after']));
  });

  it('takes over from a process that keeps its connections but says nothing', async () => {
    const mute = otherStores();
    expect(await mute.leases.takeLease('seen')).toBe(true);
    const next = runner(counting(), { standby: { lookMs: 20, silenceMs: 300 } });
    next.start();
    await eventually(() => expect(next.status().state).toBe('standby'));
    await scratch.database.rows(
      `INSERT INTO projection_controls (name, holder_seen_at) VALUES ('seen', clock_timestamp())`,
    );
    post('a');
    await eventually(async () => expect(await seen()).toEqual(['a']));
    await eventually(() => expect(mute.leases.holds('seen')).toBe(false));
  });

  it('tries an event again that failed once for a passing reason', async () => {
    let failures = 4; // with others, with fewer others, alone, and once more
    const alone = runner(
      counting((bodies) => {
        if (bodies.includes('unlucky') && failures-- > 0) throw new Error('Something else went wrong');
      }),
    );
    alone.start();
    post('a', 'unlucky', 'b');
    await eventually(async () => expect(await seen()).toEqual(['a', 'unlucky', 'b']));
    expect(alone.status().state).toBe('live');
  });

  it('goes on after a transaction that seemed lost was committed after all', async () => {
    const alone = runner(counting(), { standby: { lookMs: 20, silenceMs: 100 }, heartbeatMs: 10_000 });
    alone.start();
    await eventually(() => expect(alone.status().state).toBe('live'));
    post('a');
    await eventually(async () => expect(await seen()).toEqual(['a']));
    const ghost = build.add('messages-general', { type: 'MessagePosted', data: { body: 'ghost' } });
    await scratch.database.rows(
      "UPDATE projection_builds SET commit_position = $1, prepare_position = $1 WHERE name = 'seen'",
      [`${ghost.position.commit}`],
    );
    log.append(ghost);
    post('b');
    await eventually(async () => expect(await seen()).toEqual(['a', 'b']));
  });

  it('stops at an event that cannot be applied, keeps what comes before it, and says where', async () => {
    post('a', 'b', 'poison', 'c');
    const bad = log.events[2]!;
    const stopped = runner(counting());
    stopped.start();
    await eventually(async () => expect(await checkpoint()).toMatchObject({ state: 'failed' }));
    expect(await seen()).toEqual(['a', 'b']);
    expect(await checkpoint()).toMatchObject({
      commit_position: `${log.events[1]!.position.commit}`,
      failed_position: `${bad.position.commit}`,
      failed_type: 'MessagePosted',
    });
    expect(stopped.status()).toMatchObject({
      state: 'failed',
      reason: { position: bad.position, type: 'MessagePosted' },
    });
    expect(stopped.status().reason?.message).toContain('can not be applied');
  });

  it('continues from the failed event once it can be applied and the projection is resumed', async () => {
    let broken = true;
    const mended = counting((bodies) => {
      if (broken && bodies.includes('bad')) throw new Error('not yet');
    });
    post('a', 'bad', 'c');
    const one = runner(mended);
    one.start();
    await eventually(() => expect(one.status().state).toBe('failed'));
    broken = false;
    await wantResumed(scratch.database, 'seen');
    await eventually(async () => expect(await seen()).toEqual(['a', 'bad', 'c']));
    expect(await checkpoint()).toMatchObject({ failed_position: null, failed_message: null, state: 'live' });
  });

  it('continues from the failed event with repaired code', async () => {
    post('a', 'poison', 'c');
    const broken = runner(counting());
    broken.start();
    await eventually(() => expect(broken.status().state).toBe('failed'));
    await broken.stopProjection();
    runner({
      ...counting(),
      apply: (events, tx, table) => counting().apply(harmless(events), tx, table),
    }).start();
    await eventually(async () => expect(await seen()).toEqual(['a', 'fixed', 'c']));
  });

  it('applies nothing in any process while it is paused, and goes on when resumed', async () => {
    const quick = { standby: { lookMs: 20, silenceMs: 60_000 } };
    const pair = [runner(counting(), quick), runner(counting(), quick, otherStores())];
    for (const one of pair) one.start();
    await eventually(() => expect(pair.map((one) => one.status().state)).toContain('live'));
    await wantPaused(scratch.database, 'seen');
    const winner = pair.find((one) => one.status().state !== 'standby')!;
    await eventually(() => expect(winner.status().state).toBe('paused'));
    post('a');
    await winner.stopProjection();
    await eventually(() =>
      expect(pair.map((one) => one.status().state).toSorted()).toEqual(['paused', 'stopped']),
    );
    expect(await seen()).toEqual([]);
    expect(await checkpoint()).toMatchObject({ state: 'paused' });
    await wantResumed(scratch.database, 'seen');
    await eventually(async () => expect(await seen()).toEqual(['a']));
  });

  it('reports a pause that was requested while nobody ran it, without making its rows look fresher', async () => {
    const before = runner(counting());
    before.start();
    await eventually(() => expect(before.status().state).toBe('live'));
    await before.stopProjection();
    // A process that was killed an hour ago leaves this state.
    await scratch.database.rows(
      `UPDATE projection_builds SET state = 'live', seen_at = clock_timestamp() - interval '1 hour'
       WHERE name = 'seen'`,
    );
    await wantPaused(scratch.database, 'seen');
    const after = runner(counting());
    after.start();
    await eventually(async () => expect(await checkpoint()).toMatchObject({ state: 'paused' }));
    await after.stopProjection();
    const [age] = await scratch.database.rows<{ minutes: number }>(
      `SELECT (extract(epoch FROM clock_timestamp() - seen_at) / 60)::int AS minutes FROM projection_builds
       WHERE name = 'seen'`,
    );
    expect(age).toEqual({ minutes: 60 });
  });

  it('does not wait for another projection that has stopped', async () => {
    post('a', 'poison', 'c');
    const bad = runner(counting());
    const good = runner({ ...counting(), name: 'good', tables: [], apply: async () => undefined });
    bad.start();
    good.start();
    await eventually(() => expect(bad.status().state).toBe('failed'));
    await eventually(() => expect(good.status().position).toEqual(log.events.at(-1)!.position));
  });

  it('loses and doubles nothing when its connection is cut in the middle of batches', async () => {
    let cuts = 0;
    const cutting = counting(async () => {
      if (cuts++ % 3 !== 0 || cuts > 15) return;
      await scratch.database.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    });
    post(...many(3_000));
    runner(cutting, { limits: { batchEvents: 200, lingerMs: 1, capacity: 400 } }).start();
    await eventually(async () => expect(await seen()).toEqual(many(3_000)));
    expect(cuts).toBeGreaterThan(15);
  });

  it('waits while PostgreSQL is away, says so, and catches up by itself', async () => {
    const patient = runner(counting());
    patient.start();
    await eventually(() => expect(patient.status().state).toBe('live'));
    await postgres.stop('crash');
    post('while away');
    await eventually(() => expect(patient.status().state).toBe('waiting'));
    await postgres.start();
    await eventually(() => expect(patient.status()).toMatchObject({ state: 'live', reason: undefined }));
    await eventually(async () => expect(await seen()).toEqual(['while away']));
  });

  it('finishes the batch under way when stopped, and applies none after it', async () => {
    let stopped: Promise<void> | undefined;
    const stopping = counting(() => {
      stopped ??= runners[0]!.stopProjection();
    });
    post(...many(30));
    runner(stopping, { limits: { batchEvents: 10, lingerMs: 0, capacity: 20 } }).start();
    await eventually(() => expect(stopped).toBeDefined());
    await stopped;
    const rows = await seen();
    expect(rows).toEqual(many(10));
    expect(await checkpoint()).toMatchObject({ commit_position: `${log.events[9]!.position.commit}` });
  });

  it('pulls only a bounded number of events ahead', async () => {
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    post(...many(500));
    const handed = vi.fn();
    const real = log.subscribeToAll.bind(log);
    log.subscribeToAll = (options) =>
      real({ ...options, onEvent: (event, stored) => (handed(), options.onEvent(event, stored)) });
    runner(
      counting(() => gate),
      { limits: { batchEvents: 10, lingerMs: 0, capacity: 50 } },
    ).start();
    await eventually(() => expect(handed.mock.calls.length).toBeGreaterThanOrEqual(50));
    expect(handed.mock.calls.length).toBeLessThanOrEqual(61);
    release?.();
    await eventually(async () => expect(await seen()).toHaveLength(500));
  });
});
