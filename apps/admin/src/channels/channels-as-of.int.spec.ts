import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, type Answer } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';

const postgres = usePostgres();
let api: AdminApi;

/** The present answers after each step, with the position and the time of its last event. */
const steps: Readonly<{ asOf: readonly string[]; list: unknown; one: Answer }>[] = [];

const take = async (): Promise<void> => {
  const { position, at } = api.log.events.at(-1)!;
  const list = (await api.fresh('/channels')).body.items;
  const one = await api.fresh('/channels/ops');
  steps.push({ asOf: [position.commit.toString(), at.toISOString()], list, one });
};

const member = (type: 'BotJoined' | 'BotLeft', bot: string, from?: number): void =>
  void api.happened('channel-ops', type, { channel: 'ops', bot, ...(from !== undefined && { from }) });

beforeAll(async () => {
  api = await AdminApi.start(postgres);
  const happenings: readonly (() => unknown)[] = [
    () => api.happened('channel-first', 'ChannelOpened', { channel: 'first', visibility: 'private' }),
    () => api.happened('channel-ops', 'ChannelOpened', { channel: 'ops', visibility: 'public' }),
    () => member('BotJoined', 'ann', -1),
    () => member('BotJoined', 'ben', -1),
    () => api.posted('ops', 'ann', 'one'),
    () => member('BotLeft', 'ann'),
    () => api.posted('ops', 'ben', 'two'),
    () => api.posted('ops', 'ben', 'three'),
    () => member('BotJoined', 'ann', 2),
    () => api.happened('channel-ops', 'ChannelArchived', { channel: 'ops' }),
    () => member('BotLeft', 'ben'),
  ];
  for (const happen of happenings) {
    happen();
    await take();
  }
});
afterAll(() => api?.stop());

describe('channels as of a position or a time', () => {
  it('are answered as they were answered then', async () => {
    for (const { asOf, list, one } of steps)
      for (const place of asOf) {
        expect((await api.get(`/channels?asOf=${place}`)).body.items, place).toEqual(list);
        const { status, body } = await api.get(`/channels/ops?asOf=${place}`);
        expect(status, place).toBe(one.status);
        if (status === 200) expect(body, place).toEqual(one.body);
        else expect(body['code']).toBe('unknown_channel');
      }
  });

  it('have pages', async () => {
    const asOf = steps.at(-1)!.asOf[0]!;
    const first = await api.get(`/channels?asOf=${asOf}&limit=1`);
    const second = await api.get(`/channels?asOf=${asOf}&limit=1&cursor=${first.body.next}`);
    expect([...first.body.items, ...second.body.items]).toEqual(steps.at(-1)!.list);
    expect(second.body.next).toBeUndefined();
  });

  it('wait for their position, and know no other places', async () => {
    const next = api.log.events.at(-1)!.position.commit + 137n;
    const waiting = api.get(`/channels/ops?asOf=${next}`);
    api.posted('ops', 'ann', 'four');
    expect((await waiting).body).toMatchObject({ head: 3 });
    expect(await api.get('/channels?asOf=yesterday')).toMatchObject({
      status: 400,
      body: { code: 'invalid_payload' },
    });
  });
});
