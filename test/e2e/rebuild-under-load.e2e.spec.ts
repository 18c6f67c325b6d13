import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';

const PER_SECOND = 500;
const FIRST = 5_000;
const BATCH = 250;

type Item = Readonly<{ position: string; seq: number }>;

describe('a rebuild while messages arrive and admins query', () => {
  let roles: Roles;
  let store: EventStore;
  let posted = 0;

  beforeAll(async () => {
    roles = await startRoles({ projectors: 1, admins: 1 });
    store = new EventStore({ connectionString: roles.eventStoreUrl });
    for (let i = 0; i < FIRST; i += BATCH) await post(BATCH);
  });
  afterAll(async () => {
    await store?.close();
    await roles?.remove();
  });

  const post = async (count: number): Promise<void> => {
    const events = Array.from({ length: count }, () => {
      const id = randomUUID();
      const data = { id, channel: 'general', bot: 'alice', body: `message ${id}` };
      const metadata = {
        actor: { kind: 'system' },
        $correlationId: id,
        $causationId: id,
        schema: 1,
        node: 'spec',
      } as const;
      return { eventId: id, type: 'MessagePosted', data, metadata };
    });
    await store.append('messages-general', events, 'any');
    posted += count;
  };
  const ask = (path: string) => roles.admins[0]!.api.request('GET', path);
  const newest = async (): Promise<Item | undefined> =>
    ((await ask('/v1/messages?limit=1')).body['items'] as Item[] | undefined)?.[0];
  const generation = async (): Promise<number | undefined> => {
    const { body } = await ask('/v1/projections');
    const items = body['items'] as { name: string; generation: number }[];
    return items.find(({ name }) => name === 'messages')?.generation;
  };

  it('fails no query, never shows less than before, and ends with the same rows', async () => {
    await waitFor('the read model', async () => (await newest())?.seq === posted - 1, 30_000);
    const over = new AbortController();
    const arriving = (async () => {
      const began = performance.now();
      const before = posted;
      while (!over.signal.aborted) {
        const due = Math.floor(((performance.now() - began) / 1_000) * PER_SECOND) - (posted - before);
        if (due > 0) await post(Math.min(due, BATCH));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const took: number[] = [];
    const asking = (async () => {
      let last = -1n;
      while (!over.signal.aborted) {
        const began = performance.now();
        const { status, body } = await ask('/v1/messages?limit=50');
        took.push(performance.now() - began);
        const items = body['items'] as Item[];
        expect([status, items.length]).toEqual([200, 50]);
        expect(BigInt(items[0]!.position)).toBeGreaterThanOrEqual(last);
        last = BigInt(items[0]!.position);
      }
    })();
    const { status } = await roles.admins[0]!.api.request('POST', '/v1/projections/messages/rebuild', {});
    expect(status).toBe(202);
    await waitFor('the swap', async () => (await generation()) === 2, 60_000, 100);
    over.abort();
    await Promise.all([arriving, asking]);
    await waitFor('the read model', async () => (await newest())?.seq === posted - 1, 30_000);
    const { body } = await ask('/v1/projections');
    expect((body['items'] as { name: string }[]).find(({ name }) => name === 'messages')).toMatchObject({
      generation: 2,
      compared: { differences: [] },
      kept: { generation: 1 },
    });
    const sorted = took.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1]!;
    process.stdout.write(
      `  ${took.length} questions: median ${median.toFixed(1)} ms, slowest ${(sorted.at(-1)! / median).toFixed(1)} times that\n`,
    );
  });
});
