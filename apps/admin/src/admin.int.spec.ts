import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminApi } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';

const postgres = usePostgres();
let api: AdminApi;

const start = async (): Promise<void> => {
  api = await AdminApi.start(postgres);
};
const stop = (): Promise<void> => api?.stop();

const bot = (name: string): void => {
  api.happened(`bot-${name}`, 'BotRegistered', { bot: name });
  api.happened(`bot-${name}`, 'KeyIssued', { bot: name, keyId: 'key1', hash: 'secrethash' });
};
const channel = (name: string): string =>
  api.happened(`channel-${name}`, 'ChannelOpened', { channel: name, visibility: 'public' });

describe('GET /v1/bots and /v1/channels', () => {
  beforeEach(start);
  afterEach(stop);

  it('shows bots by name, page by page, with key ids and no hash', async () => {
    for (const name of ['bob', 'alice', 'carol']) bot(name);
    const page = await api.fresh('/bots?limit=2');
    expect(page.body.items).toMatchObject([
      { bot: 'alice', status: 'active', keys: [{ keyId: 'key1' }] },
      { bot: 'bob' },
    ]);
    const rest = await api.get(`/bots?limit=2&cursor=${page.body.next}`);
    expect(rest.body).toMatchObject({ items: [{ bot: 'carol' }] });
    expect(rest.body.next).toBeUndefined();
    expect(JSON.stringify([page.body, rest.body])).not.toContain('secrethash');
  });

  it('shows one bot, and says when a name is unknown or not valid', async () => {
    bot('alice');
    api.happened('channel-general', 'BotJoined', { channel: 'general', bot: 'alice', from: 4 });
    const connection = { bot: 'alice', consumer: 'default', connection: 'c', gateway: 'g' };
    api.happened('presence-alice', 'BotConnected', connection);
    expect((await api.fresh('/bots/alice')).body).toMatchObject({
      bot: 'alice',
      status: 'active',
      channels: [{ channel: 'general', from: 4 }],
      presence: { state: 'online', since: api.log.events.at(-1)!.at.toISOString() },
    });
    expect(await api.get('/bots/nobody')).toMatchObject({ status: 404, body: { code: 'unknown_bot' } });
    expect(await api.get('/bots/no%00body')).toMatchObject({ status: 400, body: { code: 'invalid_name' } });
  });

  it('shows channels with their head and their members', async () => {
    channel('general');
    channel('empty');
    api.happened('channel-general', 'BotJoined', { channel: 'general', bot: 'alice', from: -1 });
    api.posted('general', 'alice', 'one');
    api.posted('general', 'alice', 'two');
    expect((await api.fresh('/channels')).body.items).toMatchObject([
      { channel: 'empty', visibility: 'public', status: 'open', memberCount: 0, head: -1 },
      { channel: 'general', memberCount: 1, head: 1, lastMessageAt: api.log.events.at(-1)!.at.toISOString() },
    ]);
    expect((await api.fresh('/channels/general')).body).toMatchObject({
      channel: 'general',
      members: [{ bot: 'alice', from: -1 }],
    });
    expect(await api.get('/channels/nowhere')).toMatchObject({
      status: 404,
      body: { code: 'unknown_channel' },
    });
  });
});

describe('GET /v1/projections', () => {
  beforeEach(start);
  afterEach(stop);

  it('shows the position of each projection', async () => {
    api.posted('general', 'alice', 'one');
    const { body } = await api.fresh('/projections');
    expect(body.items).toMatchObject(
      ['activity', 'bots', 'channels', 'memberships', 'messages', 'presence'].map((name) => ({
        name,
        generation: 1,
        position: api.head,
      })),
    );
  });

  it('names the event at which a projection has stopped', async () => {
    api.happened('messages-general', 'MessagePosted', { nonsense: true });
    await expect.poll(messages, { timeout: 10_000 }).toMatchObject({
      name: 'messages',
      status: 'failed',
      error: {
        position: api.head,
        type: 'MessagePosted',
        message: expect.stringContaining('stopped at position'),
      },
    });
  });
});

const messages = async () =>
  (await api.get('/projections')).body.items.find(({ name }) => name === 'messages');

const onThatDay = (time: string): Date => new Date(`2026-11-23T${time}Z`);

describe('GET /v1/stats', () => {
  beforeAll(start);
  afterAll(stop);

  it('counts messages by interval, channel and bot', async () => {
    api.posted('general', 'alice', 'one', onThatDay('10:00:00'));
    api.posted('general', 'bob', 'two', onThatDay('10:59:59'));
    api.posted('other', 'alice', 'three', onThatDay('11:30:00'));
    const range = 'from=2026-11-23&to=2026-11-24';
    expect((await api.fresh(`/stats?interval=hour&${range}`)).body).toEqual({
      interval: 'hour',
      from: '2026-11-23T00:00:00.000Z',
      to: '2026-11-24T00:00:00.000Z',
      items: [
        { at: '2026-11-23T10:00:00.000Z', posted: 2, edited: 0, redacted: 0, bytes: 6, bots: 2, channels: 1 },
        { at: '2026-11-23T11:00:00.000Z', posted: 1, edited: 0, redacted: 0, bytes: 5, bots: 1, channels: 1 },
      ],
    });
    const posted = async (query: string) =>
      (await api.get(`/stats?${range}&${query}`)).body.items.map((item) => item['posted']);
    expect(await posted('interval=day&bot=alice')).toEqual([2]);
    expect(await posted('interval=minute&channel=general')).toEqual([1, 1]);
    expect(await posted('channel=general&bot=alice')).toEqual([1]);
    expect(await posted('channel=nowhere')).toEqual([]);
  });

  it.each([
    ['interval=week', 'Field "interval" must be one of minute, hour, day'],
    ['interval=minute&from=2026-01-01', expect.stringContaining('At most 1500 intervals')],
    ['from=2026-11-24&to=2026-11-23', 'Field "from" must be before "to"'],
    ['limit=5', 'Unknown field "limit"'],
  ])('refuses %s', async (query, detail) => {
    expect(await api.get(`/stats?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_payload', detail },
    });
  });
});

describe('POST /v1/projections/:name/…', () => {
  beforeEach(start);
  afterEach(stop);

  const QUICKLY = { timeout: 10_000, interval: 50 };

  it('rebuilds a read model in place and can go back', async () => {
    api.posted('general', 'alice', 'one');
    await api.fresh('/messages');
    expect(await api.post('/projections/messages/rebuild')).toMatchObject({
      status: 202,
      body: { name: 'messages', accepted: 'rebuild' },
    });
    await expect.poll(messages, QUICKLY).toMatchObject({
      generation: 2,
      kept: { generation: 1 },
      compared: { differences: [] },
    });
    expect((await api.fresh('/messages')).body.items).toMatchObject([{ body: 'one' }]);
    expect((await api.post('/projections/messages/revert')).status).toBe(202);
    await expect.poll(messages, QUICKLY).toMatchObject({ generation: 1, kept: { generation: 2 } });
  });

  it('pauses and resumes', async () => {
    expect((await api.post('/projections/messages/pause')).status).toBe(202);
    await expect.poll(messages, QUICKLY).toMatchObject({ status: 'paused' });
    expect((await api.post('/projections/messages/resume')).status).toBe(202);
    await expect.poll(messages, QUICKLY).toMatchObject({ status: 'live' });
  });

  it('refuses what is not possible', async () => {
    expect(await api.post('/projections/nothing/pause')).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: 'There is no projection named "nothing"' },
    });
    expect(await api.post('/projections/messages/revert')).toMatchObject({
      status: 404,
      body: { detail: 'Projection "messages" has no earlier generation to go back to' },
    });
    expect(await api.post('/projections/messages/rebuild', { acceptDifferences: 'yes' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_payload' },
    });
    expect(await api.post('/projections/messages/pause', undefined, 'bot-key')).toMatchObject({
      status: 403,
    });
  });
});

describe('every question', () => {
  beforeAll(start);
  afterAll(stop);

  it.each(['/messages', '/bots', '/bots/alice', '/channels', '/channels/general', '/stats', '/projections'])(
    'is for admins only (%s)',
    async (path) => {
      expect((await api.get(path, null)).status).toBe(401);
      expect((await api.get(path, 'bot-key')).status).toBe(403);
    },
  );

  it.each(['/messages', '/bots', '/channels', '/projections'])(
    'is answered with 503 and when to ask again while PostgreSQL is away (%s)',
    async (path) => {
      const nowhere = await AdminApi.over('postgres://nobody:secret@127.0.0.1:1/none');
      const answer = await nowhere.get(path);
      await nowhere.stop();
      expect(answer).toMatchObject({
        status: 503,
        body: { code: 'read_model_unavailable', retryable: true },
      });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(JSON.stringify(answer.body)).not.toContain('127.0.0.1');
    },
  );

  it('is described: parameters, answers, errors and examples', async () => {
    const { body } = await api.get('/openapi.json', null, '/docs');
    const paths = body.paths as Record<
      string,
      { get: { responses: Record<string, unknown>; parameters: unknown[] } }
    >;
    const { responses, parameters } = paths['/v1/messages']!.get;
    expect(Object.keys(responses)).toEqual(['200', '400', '401', '403', '409', '429', '503']);
    expect(parameters).toHaveLength(10);
    expect(JSON.stringify(responses['400'])).toMatch(/invalid_name.*invalid_payload/);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/v1/bots/{name}', '/v1/channels/{channel}', '/v1/projections']),
    );
  });
});
