import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import { want } from '#libs/projections/runner/control-store.js';
import { appendStory, mixedEvents } from '#test/support/mixed-events.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';

/**
 * How much happens, and how often the projector is killed meanwhile. For a long run:
 * `VERBATIM_STORY_EVENTS=200000 VERBATIM_STORY_KILLS=20 npx vitest run test/e2e/read-models.e2e.spec.ts`
 */
const EVENTS = Number(process.env['VERBATIM_STORY_EVENTS'] ?? 6_000);
const KILLS = Number(process.env['VERBATIM_STORY_KILLS'] ?? 4);
const PATIENCE_MS = 60_000 + EVENTS;

/** Returns a random generator with a state of 32 bits (mulberry32), which tells the same story each time. */
const dice = (seed: number) => ({
  next: (): number => {
    seed = (seed + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  },
});

describe('read models of a projector that is killed again and again', () => {
  let roles: Roles;
  let store: EventStore;
  let database: ReadModelDatabase;

  beforeAll(async () => {
    roles = await startRoles({ projectors: 1 });
    store = new EventStore({ connectionString: roles.eventStoreUrl });
    database = new ReadModelDatabase({ url: roles.postgres.url, applicationName: 'spec' });
  });
  afterAll(async () => {
    await store?.close();
    await database?.close();
    await roles?.remove();
  });

  const reached = async (name: string): Promise<bigint> => {
    const [build] = await database.rows<{ position: string }>(
      'SELECT commit_position AS position FROM projection_builds WHERE name = $1 AND active',
      [name],
    );
    return BigInt(build?.position ?? -1);
  };
  const head = async (): Promise<bigint> => {
    for await (const { position } of store.readAll({ direction: 'backwards', limit: 1 }))
      return position.commit;
    throw new Error('The log is empty');
  };
  const differing = async (table: string): Promise<unknown[]> => {
    const generations = await database.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ ('^' || $1 || '_g[0-9]+$')`,
      [table],
    );
    const [one, other] = generations.map(({ name }) => name) as [string, string];
    return database.rows(
      `(SELECT * FROM ${one} EXCEPT ALL SELECT * FROM ${other}) UNION ALL
       (SELECT * FROM ${other} EXCEPT ALL SELECT * FROM ${one}) LIMIT 5`,
    );
  };

  it(
    `equal, row by row, those that are rebuilt from the log`,
    async () => {
      const [projector] = roles.projectors;
      const appending = appendStory(store, mixedEvents(EVENTS, dice(42)));
      const random = dice(7);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const before = await reached('messages');
        await waitFor('the projector to get on', async () => (await reached('messages')) > before, 30_000, 2);
        await new Promise((resolve) => setTimeout(resolve, random.next() * 100));
        await projector!.process.kill();
        await projector!.process.start();
      }
      expect(await appending).toBeGreaterThanOrEqual(EVENTS);
      const end = await head();
      for (const { name } of PROJECTIONS) {
        await waitFor(`projection ${name}`, async () => (await reached(name)) >= end, PATIENCE_MS, 100);
      }
      for (const { name } of PROJECTIONS) await want(database, name, 'accept');
      const swapped = async () =>
        (await database.rows(`SELECT FROM projection_builds WHERE active AND generation = 2`)).length ===
        PROJECTIONS.length;
      await waitFor('the rebuilds', swapped, PATIENCE_MS, 100);
      for (const { name } of PROJECTIONS.flatMap(({ tables }) => tables)) {
        expect([name, await differing(name)]).toEqual([name, []]);
      }
      const found = await database.rows(
        'SELECT name, differences FROM projection_builds WHERE active ORDER BY name',
      );
      expect(found).toEqual(
        PROJECTIONS.map(({ name }) => ({ name, differences: '[]' })).toSorted((a, b) =>
          a.name < b.name ? -1 : 1,
        ),
      );
      const [counts] = await database.rows<Record<string, number>>(
        `SELECT (SELECT count(*)::int FROM messages WHERE kind = 'posted') AS posted, (SELECT sum(posted)::int FROM activity WHERE interval = 'day') AS counted,
           (SELECT count(*)::int FROM messages WHERE edited_at IS NOT NULL) AS edited,
           (SELECT count(*)::int FROM messages WHERE redacted_at IS NOT NULL) AS redacted,
           (SELECT count(*)::int FROM memberships) AS members, (SELECT sum(member_count)::int FROM channels) AS member_counts`,
      );
      expect(counts!['posted']).toBe(counts!['counted']);
      expect(counts!['members']).toBe(counts!['member_counts']);
      expect(Math.min(counts!['edited']!, counts!['redacted']!, counts!['members']!)).toBeGreaterThan(0);
    },
    10 * PATIENCE_MS,
  );
});
