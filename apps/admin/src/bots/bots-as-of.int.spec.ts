import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, type Answer } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';

const postgres = usePostgres();
let api: AdminApi;

/** The present answers after each step, with the position and the time of its last event. */
const steps: Readonly<{ asOf: readonly string[]; list: unknown; one: Answer }>[] = [];

const take = async (): Promise<void> => {
  const { position, at } = api.log.events.at(-1)!;
  const list = (await api.fresh('/bots')).body.items;
  const one = await api.fresh('/bots/bob');
  steps.push({ asOf: [position.commit.toString(), at.toISOString()], list, one });
};

const bob = (type: string, more: object = {}): void =>
  void api.happened('bot-bob', type, { bot: 'bob', ...more });
const member = (type: 'BotJoined' | 'BotLeft', channel: string, from?: number): void =>
  void api.happened(`channel-${channel}`, type, { channel, bot: 'bob', ...(from !== undefined && { from }) });

beforeAll(async () => {
  api = await AdminApi.start(postgres);
  const happenings: readonly (() => unknown)[] = [
    () => api.happened('bot-ann', 'BotRegistered', { bot: 'ann' }),
    () => bob('BotRegistered'),
    () => bob('KeyIssued', { keyId: 'key1', hash: 'secrethash' }),
    () => member('BotJoined', 'ops', 4),
    () => bob('BotSuspended', { reason: 'a\0b' }),
    () => bob('KeyIssued', { keyId: 'key2', hash: 'secrethash' }),
    () => member('BotJoined', 'dev', -1),
    () => bob('BotReinstated'),
    () => bob('KeyRevoked', { keyId: 'key1' }),
    () => member('BotLeft', 'ops'),
    () => bob('BotSuspended'),
  ];
  for (const happen of happenings) {
    happen();
    await take();
  }
});
afterAll(() => api?.stop());

describe('bots as of a position or a time', () => {
  it('are answered as they were answered then', async () => {
    for (const { asOf, list, one } of steps)
      for (const place of asOf) {
        expect((await api.get(`/bots?asOf=${place}`)).body.items, place).toEqual(list);
        const { status, body } = await api.get(`/bots/bob?asOf=${place}`);
        expect(status, place).toBe(one.status);
        if (status === 200) expect(body, place).toEqual(one.body);
        else expect(body['code']).toBe('unknown_bot');
      }
  });

  it('have pages, and show no hash', async () => {
    const asOf = steps.at(-1)!.asOf[0]!;
    const first = await api.get(`/bots?asOf=${asOf}&limit=1`);
    const second = await api.get(`/bots?asOf=${asOf}&limit=1&cursor=${first.body.next}`);
    expect([...first.body.items, ...second.body.items]).toEqual(steps.at(-1)!.list);
    expect(JSON.stringify([first.body, second.body])).not.toContain('secrethash');
  });
});
