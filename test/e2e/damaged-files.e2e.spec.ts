import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { flipStored } from '#test/support/flip-stored.js';

type Item = Record<string, unknown>;

const WHERE = /damaged at position \d+ \(events-0000000000000256\.log, byte \d+\)/u;

/**
 * What stands in the log once, in an event of each kind of stream on which something depends, the stream, and which part
 * of that event's record is damaged: all but the last no longer say themselves which event they are.
 */
const HITS = [
  ['messages-hit', 'hit 1', 'name'],
  ['channel-closed', '{"channel":"closed","bot":"ada"', 'revision'],
  ['bot-eve', '{"bot":"eve","keyId"', 'length'],
  ['keys-auditor', '{"role":"auditor"', undefined],
] as const;

/** Of both, more than one event of these is damaged. */
const REBUILT = ['messages', 'bots'];

/** Roles apart; all of them are killed, so that none has a snapshot, and bits of the store's files flipped. */
describe('a system of which events are damaged on disk', () => {
  let roles: Roles;
  let gateway: RoleServer;
  let keys: Record<'ada' | 'eve', string>;
  let auditor: string;

  beforeAll(async () => {
    roles = await startRoles({ gateways: 1, projectors: 1, admins: 1, audits: 1 });
    [gateway] = roles.gateways as [RoleServer];
    keys = { ada: await gateway.api.createBot('ada'), eve: await gateway.api.createBot('eve') };
    auditor = (await gateway.api.request('POST', '/v1/keys', { role: 'auditor' })).body['key'] as string;
    for (const channel of ['hit', 'well', 'closed']) {
      await gateway.api.createChannel(channel);
      await gateway.api.addMember(channel, 'ada');
    }
    for (const number of [0, 1, 2])
      for (const channel of ['hit', 'well', 'closed']) await post(channel, `${channel} ${number}`);
    await Promise.all(roles.all.map(({ process }) => process.kill()));
    await roles.eventStore.terminate(20_000);
    for (const [stream, text, part] of HITS)
      flipStored(roles.eventStoreDir, text, part && { stream, in: part });
    await roles.eventStore.start();
    await Promise.all(roles.all.map(({ process }) => process.start(60_000)));
  });
  afterAll(() => roles?.remove());

  const post = async (channel: string, body: string, key = keys.ada): Promise<unknown> => {
    const said = { id: uuidv7(), channel, body };
    const { status, body: answer } = await gateway.api.request('POST', '/v1/messages', said, key);
    return status === 201 ? 'ok' : answer['code'];
  };
  const connect = (): Promise<TestBot> =>
    TestBot.connect(gateway.api.url, { key: keys.ada, resume: { hit: -1, well: -1 } });
  const admin = (path: string) => roles.admins[0]!.api.request('GET', `/v1${path}`);
  const projections = async (): Promise<Item[]> => (await admin('/projections')).body['items'] as Item[];
  const damaged = async (): Promise<Item[]> =>
    (await gateway.api.request('GET', '/v1/damaged')).body['items'] as Item[];
  const setAside = (stream: string, revision: number) =>
    gateway.api.request('POST', '/v1/damaged', { stream, revision, reason: 'lost to a bad disk' });

  it('starts, is ready, and names in its health what is damaged: stream, file and place', async () => {
    for (const { api } of roles.all) expect((await api.request('GET', '/health/ready')).status).toBe(200);
    const { body } = await gateway.api.request('GET', '/health/ready');
    const { detail } = (body['components'] as Record<string, Item>)['events'] as { detail: string };
    for (const [stream] of HITS) expect(detail).toContain(`stream "${stream}"`);
    expect(detail).toMatch(WHERE);
    expect(new Set((await damaged()).map(({ stream }) => stream))).toEqual(
      new Set(HITS.map(([stream]) => stream)),
    );
  });

  it('has stopped what depends on them, and lets nobody in by what could not be read', async () => {
    expect(await post('hit', 'more')).toBe('channel_damaged');
    expect(await post('closed', 'more')).toBe('channel_damaged');
    expect(await post('well', 'by eve', keys.eve)).toBe('unauthenticated');
    await expect(TestBot.connect(gateway.api.url, { key: keys.eve })).rejects.toThrow();
    const [audit] = roles.audits as [RoleServer];
    expect((await audit.api.request('GET', '/v1/audit/events', undefined, auditor)).status).toBe(401);
  });

  it('serves read models that were made before, and builds none anew of what is damaged', async () => {
    await waitFor('all to be live', async () =>
      (await projections()).every(({ status }) => status === 'live'),
    );
    const { api } = roles.admins[0]!;
    for (const name of REBUILT) await api.request('POST', `/v1/projections/${name}/rebuild`);
    await waitFor('the errors', async () => {
      const errors = (await projections()).map(({ rebuild }) => (rebuild as Item | undefined)?.['error']);
      return errors.filter((error) => WHERE.test(JSON.stringify(error ?? ''))).length === REBUILT.length;
    });
  });

  it('goes on with all else', async () => {
    expect(await post('well', 'well 3')).toBe('ok');
    const ada = await connect();
    await ada.untilCaughtUp('well');
    expect([ada.seqs('well'), ada.seqs('hit')]).toEqual([[0, 1, 2, 3], [0]]);
    ada.close();
    expect((await gateway.api.request('POST', '/v1/bots', { name: 'new' })).status).toBe(201);
  });

  it('goes on with the rest once an admin has set them aside', async () => {
    for (const { stream, revision } of await damaged())
      expect((await setAside(stream as string, revision as number)).status).toBe(201);
    await waitFor('the channel', async () => (await post('hit', 'hit 3')) === 'ok');
    const ada = await connect();
    await ada.untilCaughtUp('hit');
    expect(ada.seqs('hit')).toEqual([0, 2, 3]);
    expect(ada.all('skipped')).toEqual([{ channel: 'hit', from: 1, to: 1, reason: 'set_aside' }]);
    ada.close();
    // They differ from the old ones by what is set aside.
    await waitFor('the new builds', async () => {
      const stages = (await projections()).map(({ rebuild }) => (rebuild as Item | undefined)?.['stage']);
      return stages.filter((stage) => stage === 'differs').length === REBUILT.length;
    });
    for (const { api } of roles.all) expect((await api.request('GET', '/health/ready')).status).toBe(200);
    expect(await damaged()).toEqual(HITS.map(() => expect.objectContaining({ status: 'set_aside' })));
  });

  it('breaks a replay off that comes to what is damaged: it is never passed over in silence', async () => {
    const [audit] = roles.audits as [RoleServer];
    await expect(audit.api.request('GET', '/v1/audit/events')).rejects.toThrow('terminated');
    expect(audit.process.output()).toMatch(WHERE);
  });
});
