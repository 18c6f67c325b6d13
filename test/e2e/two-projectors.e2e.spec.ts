import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';

const TAKEOVER_MS = 10_000;

const stateOf = async ({ api }: RoleServer): Promise<string> => {
  const answer = await fetch(`${api.url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  const { components } = (await answer.json()) as { components: Record<string, { detail?: string }> };
  return components['projection-messages']!.detail ?? 'live';
};

/** Two projector processes over one log. The tests build on one another. */
describe('two projectors', () => {
  let roles: Roles;
  let store: EventStore;
  let database: ReadModelDatabase;
  let posted = 0;
  let posting: NodeJS.Timeout;
  let last: Promise<unknown> = Promise.resolve();

  beforeAll(async () => {
    roles = await startRoles({ projectors: 2 });
    store = new EventStore({ connectionString: roles.eventStoreUrl });
    database = new ReadModelDatabase({ url: roles.postgres.url, applicationName: 'spec' });
    posting = setInterval(() => {
      last = last.then(post);
    }, 10);
  });
  afterAll(async () => {
    clearInterval(posting);
    await last;
    await store?.close();
    await database?.close();
    await roles?.remove();
  });

  const post = async (): Promise<void> => {
    const id = randomUUID();
    const data = { id, channel: 'general', bot: 'alice', body: `message ${posted}` };
    const metadata = {
      actor: { kind: 'system' },
      $correlationId: id,
      $causationId: id,
      schema: 1,
      node: 'spec',
    } as const;
    await store.append('messages-general', [{ eventId: id, type: 'MessagePosted', data, metadata }], 'any');
    posted += 1;
  };
  const shown = async (): Promise<{ rows: number; counted: number }> => {
    const [counts] = await database.rows<{ rows: number; counted: number }>(
      `SELECT (SELECT count(*)::int FROM messages) AS rows,
         (SELECT coalesce(sum(posted), 0)::int FROM activity WHERE interval = 'day') AS counted`,
    );
    return counts!;
  };
  const oneOfEach = async (): Promise<{ running: RoleServer; standingBy: RoleServer } | undefined> => {
    const states = await Promise.all(roles.projectors.map(stateOf));
    const running = roles.projectors[states.indexOf('live')];
    const standingBy = roles.projectors[states.findIndex((state) => state.startsWith('standby'))];
    return running && standingBy && { running, standingBy };
  };
  const getsOn = async (what: string, withinMs: number): Promise<void> => {
    // A post under way may be in the read model before we learn that it is in the log.
    const from = posted + 1;
    await waitFor(what, async () => (await shown()).rows > from, withinMs);
  };

  it('run a projection in one process; the other stands by and takes over when that one is killed', async () => {
    const { running } = await waitFor('one to win', oneOfEach);
    await getsOn('the read model', TAKEOVER_MS);
    await running.process.kill();
    await getsOn('the other to take over', TAKEOVER_MS);
    await running.process.start();
  });

  it('take over from one that hangs, and that one stands by when it wakes up', async () => {
    const { running, standingBy } = await waitFor('one to win', oneOfEach);
    running.process.pause();
    await getsOn('the other to take over', TAKEOVER_MS);
    running.process.resume();
    await waitFor('the woken one to stand by', async () => (await stateOf(running)).startsWith('standby'));
    expect(await stateOf(standingBy)).toBe('live');
  });

  it('apply no event twice and leave none out', async () => {
    clearInterval(posting);
    await last;
    await waitFor('the read models', async () => {
      const { rows, counted } = await shown();
      return Math.min(rows, counted) >= posted;
    });
    expect(await shown()).toEqual({ rows: posted, counted: posted });
  });
});
