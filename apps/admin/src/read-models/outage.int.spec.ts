import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminApi } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';

const postgres = usePostgres();
let api: AdminApi;

beforeEach(async () => {
  api = await AdminApi.start(postgres);
});
afterEach(() => api?.stop());

describe('while PostgreSQL is away', () => {
  it('gives the last good answers, marked, and 503 for the rest; and is back with it', async () => {
    api.posted('general', 'alice', 'one');
    const fresh = await api.fresh('/messages?channel=general');
    await api.fresh('/stats');
    await postgres.stop('crash');

    const stale = await api.get('/messages?channel=general');
    expect(stale).toMatchObject({ status: 200, body: fresh.body });
    expect(stale.headers.get('x-verbatim-stale')).toBe('true');
    expect(Number(stale.headers.get('age'))).toBeGreaterThanOrEqual(0);
    expect(stale.headers.get('x-verbatim-position')).toBe(api.head);
    expect(Number(stale.headers.get('x-verbatim-lag-ms'))).toBeGreaterThan(0);
    const unknown = await api.get('/messages?channel=other');
    expect(unknown).toMatchObject({ status: 503, body: { code: 'read_model_unavailable', retryable: true } });
    expect(Number(unknown.headers.get('retry-after'))).toBeGreaterThan(0);
    const ahead = await api.get(`/messages?channel=general&minPosition=${BigInt(api.head) + 1n}`);
    expect(ahead.status).toBe(503);
    expect((await api.get('/messages?channel=general', 'bot-key')).status).toBe(403);

    api.posted('general', 'alice', 'meanwhile');
    await postgres.start();
    await expect
      .poll(async () => (await api.get('/messages?channel=general')).body.items.map(({ body }) => body), {
        timeout: 15_000,
      })
      .toEqual(['meanwhile', 'one']);
    const back = await api.get('/messages?channel=general');
    expect(back.headers.get('x-verbatim-stale')).toBeNull();
    expect(back.headers.get('age')).toBeNull();
  });
});

describe('an answer', () => {
  it('is not sent again to a client that has it, until it changes', async () => {
    api.posted('general', 'alice', 'one');
    const first = await api.fresh('/messages');
    const etag = first.headers.get('etag')!;
    const again = await api.conditional('/messages', etag);
    expect([again.status, again.headers.get('x-verbatim-position')]).toEqual([304, api.head]);
    api.posted('general', 'alice', 'two');
    await api.fresh('/messages');
    expect((await api.conditional('/messages', etag)).status).toBe(200);
  });
});
