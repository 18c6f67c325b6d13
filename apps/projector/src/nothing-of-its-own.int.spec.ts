import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEventStore } from '#test/support/event-store.js';
import type { TestEventStore } from '#test/support/event-store.js';
import { appendStory } from '#test/support/mixed-events.js';
import type { Stretch } from '#test/support/mixed-events.js';
import { newEvent } from '#test/support/new-event.js';
import { usePostgres } from '#test/support/postgres.js';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import { want } from '#libs/projections/runner/control-store.js';
import { ProjectionRunner } from '#libs/projections/runner/projection-runner.js';

const postgres = usePostgres();
let server: TestEventStore;
let store: EventStore;
let scratch: ScratchDatabase;
let runners: ProjectionRunner[];

beforeEach(async () => {
  server = await startEventStore();
  store = new EventStore({ connectionString: server.connectionString });
  scratch = await scratchDatabase(postgres);
  runners = [];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stopProjection()));
  await scratch.close();
  await store.close();
  await server.stop();
});

/** Runs projections that each have a subscription of their own, from the start of the log. */
const start = (): void => {
  runners = PROJECTIONS.map(
    (projection) => new ProjectionRunner(projection, store, scratch.stores, { heartbeatMs: 20 }),
  );
  for (const runner of runners) runner.start();
};
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });
const live = () =>
  eventually(() =>
    expect(runners.map((runner) => runner.status().state)).toEqual(PROJECTIONS.map(() => 'live')),
  );
const names = PROJECTIONS.map(({ name }) => name).toSorted();

const others = async (count: number): Promise<void> => {
  await store.append(
    'other-1',
    Array.from({ length: count }, () => newEvent()),
    'any',
  );
};

/** Events for every projection. */
const STORY: readonly Stretch[] = [
  { stream: 'bot-alice', events: [{ type: 'BotRegistered', data: { bot: 'alice' } }] },
  {
    stream: 'channel-general',
    events: [
      { type: 'ChannelOpened', data: { channel: 'general', visibility: 'public' } },
      { type: 'BotJoined', data: { channel: 'general', bot: 'alice', from: -1 } },
    ],
  },
  {
    stream: 'presence-alice',
    events: [
      {
        type: 'BotConnected',
        data: { bot: 'alice', consumer: 'default', connection: 'c', gateway: 'g' },
      },
    ],
  },
  {
    stream: 'messages-general',
    events: [
      {
        type: 'MessagePosted',
        data: { id: '0198f0aa-0000-7000-8000-000000000001', channel: 'general', bot: 'alice', body: 'hi' },
      },
    ],
  },
];

const rows = async (): Promise<Record<string, number>> => {
  const found: [string, number][] = [];
  for (const name of names) {
    const [counted] = await scratch.database.rows<{ n: string }>(`SELECT count(*) AS n FROM ${name}`);
    found.push([name, Number(counted!.n)]);
  }
  return Object.fromEntries(found);
};
/** Each projection gets one row; activity is counted by three intervals. */
const ROWS = { ...Object.fromEntries(names.map((name) => [name, 1])), activity: 3 };

const checkpoints = async (): Promise<bigint[]> =>
  (await scratch.database.rows<{ at: string }>('SELECT commit_position AS at FROM projection_builds')).map(
    ({ at }) => BigInt(at),
  );

describe('a log in which nothing concerns a projection', () => {
  it.each([0, 5, 700])(
    'and then something does, after %i other events: each projection receives it',
    async (count) => {
      if (count > 0) await others(count);
      start();
      await live();
      const { position } = await store.append('other-2', [newEvent()], 'any');
      await eventually(async () => {
        for (const at of await checkpoints()) expect(at).toBeGreaterThanOrEqual(position.commit);
      });
      for (const at of await checkpoints()) expect(at).toBe(position.commit);
      await appendStory(store, STORY);
      await eventually(async () => expect(await rows()).toEqual(ROWS));
    },
  );

  it.each([100, 700])(
    'does not lose a rebuild (%i events): each one finishes, and receives new events',
    async (count) => {
      await others(count);
      start();
      await live();
      for (const name of names) await want(scratch.database, name, 'rebuild');
      await eventually(async () => {
        const active = await scratch.database.rows<{ generation: number }>(
          'SELECT generation FROM projection_builds WHERE active',
        );
        expect(active.map(({ generation }) => generation)).toEqual(names.map(() => 2));
      });
      for (const at of await checkpoints()) expect(at).toBeLessThan(2n ** 63n - 1n);
      await appendStory(store, STORY);
      await eventually(async () => expect(await rows()).toEqual(ROWS));
    },
  );
});
