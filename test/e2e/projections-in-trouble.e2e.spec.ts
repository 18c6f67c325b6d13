import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { formatPosition } from '#libs/event-store/position.js';
import { STANDSTILL_ALARM_MS } from '#apps/projector/src/projection-health.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';

type Item = Readonly<Record<string, unknown>>;

/** A projector and an admin process, seen as an operator sees them. The tests build on one another. */
describe('a projection in trouble', () => {
  let roles: Roles;
  let store: EventStore;
  let operator: pg.Client;

  beforeAll(async () => {
    roles = await startRoles({ projectors: 1, admins: 1 });
    store = new EventStore({ connectionString: roles.eventStoreUrl });
    operator = new pg.Client({ connectionString: roles.postgres.url });
    await operator.connect();
  });
  afterAll(async () => {
    await store?.close();
    await operator?.end();
    await roles?.remove();
  });

  const post = async (body: string): Promise<string> => {
    const id = randomUUID();
    const data = { id, channel: 'general', bot: 'alice', body };
    const metadata = {
      actor: { kind: 'system' },
      $correlationId: id,
      $causationId: id,
      schema: 1,
      node: 'spec',
    };
    const event = { eventId: id, type: 'MessagePosted', data, metadata } as const;
    return formatPosition((await store.append('messages-general', [event as never], 'any')).position);
  };
  const ask = (path: string) => roles.admins[0]!.api.request('GET', `/v1${path}`);
  const shown = async (): Promise<unknown[]> =>
    ((await ask('/messages')).body['items'] as Item[]).map(({ body }) => body);
  const listed = async (name: string): Promise<Item> =>
    ((await ask('/projections')).body['items'] as Item[]).find((item) => item['name'] === name)!;
  const health = async (name: string): Promise<{ ready: boolean; detail?: string }> => {
    const { body } = await roles.projectors[0]!.api.request('GET', '/health/ready');
    return (body['components'] as Record<string, { ready: boolean; detail?: string }>)[`projection-${name}`]!;
  };
  const metric = async (line: string): Promise<number> => {
    const { text } = await roles.projectors[0]!.api.request('GET', '/metrics');
    const found = text.split('\n').find((each) => each.startsWith(`${line} `) || each.startsWith(`${line}}`));
    return Number(found?.split(' ').at(-1));
  };
  const resume = () => roles.admins[0]!.api.request('POST', '/v1/projections/messages/resume', {});

  it('stops at an event that it cannot apply and reports everywhere where and why, while others go on', async () => {
    await post('one');
    await waitFor('the read model', async () => (await shown()).includes('one'));
    await operator.query(`ALTER TABLE messages_g1 ADD CONSTRAINT planted CHECK (body <> 'two')`);
    const at = await post('two');
    const after = await post('three');
    const failed = await waitFor('the failure', async () => {
      const item = await listed('messages');
      return item['status'] === 'failed' && item;
    });
    const message = expect.stringMatching(
      new RegExp(`^Projection messages stopped at position ${at}: MessagePosted .*planted`),
    );
    expect(failed['error']).toEqual({ position: at, type: 'MessagePosted', message });
    expect(await health('messages')).toEqual({
      ready: true,
      detail: expect.stringContaining(`position ${at}`),
    });
    expect(await metric('verbatim_projection_state{projection="messages",state="failed"}')).toBe(1);
    expect(await shown()).toEqual(['one']);
    await waitFor(
      'the others',
      async () => BigInt((await listed('activity'))['position'] as string) >= BigInt(after),
    );
    expect(await metric('verbatim_projection_state{projection="activity",state="live"}')).toBe(1);
  });

  it('stops at the same event when it is resumed before the repair', async () => {
    const { seenAt } = await listed('messages');
    expect((await resume()).status).toBe(202);
    const item = await waitFor('another try', async () => {
      const now = await listed('messages');
      return now['status'] === 'failed' && now['seenAt'] !== seenAt && now;
    });
    expect(item['error']).toMatchObject({ type: 'MessagePosted' });
    expect(await shown()).toEqual(['one']);
  });

  it('goes on from that event when it is resumed after the repair, and leaves nothing out', async () => {
    await operator.query('ALTER TABLE messages_g1 DROP CONSTRAINT planted');
    expect((await resume()).status).toBe(202);
    await waitFor('the rest', async () => (await shown()).length === 3);
    expect(await shown()).toEqual(['three', 'two', 'one']);
    const item = await waitFor('it to be live', async () => {
      const now = await listed('messages');
      return now['status'] === 'live' && now;
    });
    expect(item).not.toHaveProperty('error');
    expect(await health('messages')).toEqual({ ready: true });
    expect(await metric('verbatim_projection_state{projection="messages",state="failed"}')).toBe(0);
  });

  it('is noticed when it hangs silently, although its own lag does not grow', async () => {
    await operator.query('BEGIN');
    await operator.query('LOCK TABLE messages_g1 IN EXCLUSIVE MODE');
    await post('four');
    const { detail } = await waitFor(
      'the alarm',
      async () => {
        const said = await health('messages');
        return said.detail?.startsWith('stands still for') && said;
      },
      4 * STANDSTILL_ALARM_MS,
      250,
    );
    expect(detail).toMatch(/^stands still for \d+ s although there are events for it$/);
    expect(await metric('verbatim_projection_lag_seconds{projection="messages"}')).toBeLessThan(
      STANDSTILL_ALARM_MS / 1_000,
    );
    expect(await metric('verbatim_projection_standstill_seconds{projection="messages"}')).toBeGreaterThan(
      STANDSTILL_ALARM_MS / 1_000,
    );
    await operator.query('COMMIT');
    await waitFor('the rest', async () => (await shown()).includes('four'));
    await waitFor(
      'the alarm to be over',
      async () => (await health('messages')).detail === undefined,
      15_000,
    );
  });
});
