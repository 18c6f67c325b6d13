import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counting } from '#test/support/counting-projection.js';
import { LogBuilder, MemoryLog, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { NotOfThisLog, VouchedReadModels } from '../vouched-read-models.js';
import { beginBuild } from './generations.js';
import type { Build } from './build.js';
import { ProjectionRunner } from '../runner/projection-runner.js';

const postgres = usePostgres();
const projection = counting();
let scratch: ScratchDatabase;
let running: ProjectionRunner | undefined;
let lost: Build[];
/** The different answers that readers got. A refusal counts as an answer. */
let shown: Set<string>;

beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
  lost = [];
  shown = new Set();
});
afterEach(async () => {
  await stop();
  await scratch.close();
});

const start = (log: MemoryLog): void => {
  running = new ProjectionRunner(projection, log, scratch.stores, {
    heartbeatMs: 10,
    onLost: (found) => lost.push(found),
  });
  running.start();
};
const stop = async (): Promise<void> => {
  await running?.stopProjection();
  running = undefined;
};
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 15_000, interval: 10 });
const seen = async (): Promise<string> =>
  (await scratch.database.rows<{ body: string }>('SELECT body FROM seen ORDER BY position, n'))
    .map(({ body }) => body)
    .join('');
const builds = async (): Promise<string[]> =>
  (
    await scratch.database.rows<{ build: string }>(
      `SELECT generation || ' ' || stage AS build FROM projection_builds WHERE name = 'seen' ORDER BY generation`,
    )
  ).map((row) => row.build);
/** Asks for the rows as a reader does, and notes the answer in `shown`. */
const ask = async (vouched: VouchedReadModels): Promise<void> => {
  try {
    await vouched.requireSameLog(['seen'], (sql, parameters) => scratch.database.rows(sql, parameters));
    shown.add(await seen());
  } catch (error) {
    if (!(error instanceof NotOfThisLog)) throw error;
    shown.add('refused');
  }
};
const level = (log: MemoryLog) =>
  eventually(() =>
    expect(running!.status()).toMatchObject({ state: 'live', position: log.events.at(-1)!.position }),
  );

type Post = Readonly<{ body: string; eventId?: string }>;

/** Returns a log that continues a copy of some events, in the same channel and at the next positions. */
const logOf = (
  copied: readonly PositionedEvent[],
  posts: readonly Post[],
  at = new Date(Date.UTC(2027, 0, 1)),
): MemoryLog => {
  const build = new LogBuilder();
  for (const { data } of copied) build.add('messages-general', { type: 'MessagePosted', data });
  const grown = posts.map(({ body, eventId }) => ({
    ...build.add('messages-general', { type: 'MessagePosted', data: { body } }, at),
    ...(eventId !== undefined && { eventId }),
  }));
  return new MemoryLog([...copied, ...grown]);
};

const bodies = (text: string): Post[] => text.split('').map((body) => ({ body }));
/** The log that is copied. */
const whole = logOf([], bodies('abcd'), new Date(Date.UTC(2026, 0, 1)));
const copy = (length: number): PositionedEvent[] => whole.events.slice(0, length);

const project = async (log: MemoryLog): Promise<void> => {
  start(log);
  await level(log);
  await stop();
};

describe('read models that have seen another log', () => {
  it.each([
    ['shorter', () => logOf(copy(2), [])],
    ['empty', () => logOf([], [])],
    ['shorter by its last event', () => logOf(copy(3), [])],
    ['grown to the same length', () => logOf(copy(2), bodies('xy'))],
    ['grown beyond it', () => logOf(copy(1), bodies('vwxyz'))],
    [
      'grown by the same messages again',
      () =>
        logOf(
          copy(2),
          whole.events.slice(2).map(({ data, eventId }) => ({ ...(data as Post), eventId })),
        ),
    ],
    ['of another installation', () => logOf([], bodies('stuv'))],
  ])('(%s) are reported, shown to nobody, and rebuilt', async (_, another) => {
    await project(whole);
    const log = another();
    const vouched = new VouchedReadModels(Object.assign(log, { continuity: { confirmations: 0 } }));
    await ask(vouched);
    start(log);
    await eventually(async () => {
      await ask(vouched);
      expect(await builds()).toEqual(['2 active']);
    });
    log.append(...logOf(log.events, bodies('!')).events.slice(-1));
    await level(log);
    await ask(vouched);
    const expected = log.events.map(({ data }) => (data as Post).body).join('');
    expect(await seen()).toBe(expected);
    expect([...shown].filter((rows) => ![expected, expected.slice(0, -1)].includes(rows))).toEqual([
      'refused',
    ]);
    expect(lost).toMatchObject([
      { generation: 1, stage: 'active', displaced: expect.stringContaining(whole.events.at(-1)!.eventId) },
    ]);
  });

  it('that are behind the log continue from their checkpoint', async () => {
    await project(logOf(copy(2), []));
    start(whole);
    await level(whole);
    expect([await seen(), await builds(), lost]).toEqual(['abcd', ['1 active'], []]);
  });

  it('are no longer kept as a way back, and unfinished builds start over', async () => {
    await project(whole);
    const of = "WHERE name = 'seen' AND generation = ";
    await beginBuild(scratch.database, projection, 'building');
    const place = `(SELECT commit_position, prepare_position, landmark FROM projection_builds ${of} 1)`;
    const like = `UPDATE projection_builds SET (commit_position, prepare_position, landmark) = ${place}`;
    await scratch.database.rows(`${like} ${of} 2`);
    start(logOf(copy(2), []));
    await eventually(async () => expect(await builds()).toEqual(['3 active']));
    expect(await seen()).toBe('ab');
  });

  it('by a version that kept no events are looked up by their position', async () => {
    await project(whole);
    const forget = `UPDATE projection_builds SET landmark = NULL WHERE name = 'seen'`;
    await scratch.database.rows(forget);
    await project(whole);
    expect([await seen(), await builds()]).toEqual(['abcd', ['1 active']]);
    await scratch.database.rows(forget);
    start(logOf(copy(2), []));
    await eventually(async () => expect(await builds()).toEqual(['2 active']));
    expect(await seen()).toBe('ab');
  });
});
