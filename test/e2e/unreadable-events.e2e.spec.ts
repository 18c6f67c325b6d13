import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { sequence } from '#test/support/sequence.js';
import type { Json } from '#libs/domain/json.js';

/** One event in each kind of stream, appended by somebody who has the store's password but does not use our code. */
const FORGED: readonly (readonly [stream: string, type: string, data: Json])[] = [
  ['messages-hit', 'MessagePosted', { forged: true }],
  ['messages-nobodys', 'MessagePosted', null],
  ['channel-closed', 'BotLeft', { channel: 'closed', bot: 7 }],
  ['bot-eve', 'KeyRevoked', 'all'],
  ['keys-admin', 'OperatorKeyRevoked', null],
  ['keys-auditor', 'OperatorKeyIssued', { role: 'auditor', keyId: {}, hash: [] }],
  ['presence-ada', 'BotConnected', null],
  ['cursor-ada.default', 'CursorAdvanced', { cursors: null }],
  ['gateways-heartbeats', 'GatewayStopped', []],
  ['audit-milestones', 'MilestonePassed', { position: 'far', at: 'never' }],
  ['audit-access', 'AccessRecorded', 7],
  ['snapshot-directory', 'DirectorySnapshotTaken', null],
  ['snapshot-gateway', 'GatewaySnapshotTaken', { id: 1, part: 0, parts: 1, version: 1, rows: [[]] }],
];

/** Resolves with the code with which a post is answered. */
const post = async (bot: TestBot, channel: string): Promise<unknown> => {
  const reply = await bot.request('post', { id: uuidv7(), channel, body: 'b' });
  return reply.ok ? 'ok' : reply.error?.code;
};

describe('events that nobody understands, in every kind of stream', () => {
  let roles: Roles;
  let whole: RoleServer;
  let outsider: EventStore;
  let keys: Record<'ada' | 'eve', string>;

  beforeAll(async () => {
    roles = await startRoles({ wholes: 1 });
    whole = roles.wholes[0]!;
    outsider = new EventStore({ connectionString: roles.eventStoreUrl });
    keys = { ada: await whole.api.createBot('ada'), eve: await whole.api.createBot('eve') };
    for (const channel of ['hit', 'closed', 'well']) {
      await whole.api.createChannel(channel);
      await whole.api.addMember(channel, 'ada');
    }
  });
  afterAll(async () => {
    await outsider?.close();
    await roles?.remove();
  });

  const forgeAll = async (): Promise<void> => {
    for (const [stream, type, data] of FORGED) {
      const eventId = randomUUID();
      const own = { $correlationId: eventId, $causationId: eventId, schema: 1, node: 'x' };
      const metadata = { actor: { kind: 'system' }, ...own } as const;
      await outsider.append(stream, [{ eventId, type, data, metadata }], 'any');
    }
  };
  const named = async (): Promise<string> => {
    const { body } = await whole.api.request('GET', '/health/ready');
    return JSON.stringify((body['components'] as Record<string, unknown>)['events']);
  };
  /** Checks everything that bots and people must still get, and what they are refused. */
  const look = async (messages: number): Promise<void> => {
    const bot = await TestBot.connect(whole.api.url, { key: keys.ada, resume: { well: -1, hit: -1 } });
    await bot.untilCaughtUp('well');
    expect(bot.seqs('well')).toEqual(sequence(0, messages - 1));
    await bot.untilCaughtUp('hit');
    expect(bot.seqs('hit')).toEqual([0]);
    const answers = await Promise.all(['hit', 'closed', 'well'].map((channel) => post(bot, channel)));
    expect(answers).toEqual(['channel_damaged', 'channel_damaged', 'ok']);
    bot.close();
    await expect(TestBot.connect(whole.api.url, { key: keys.eve })).rejects.toThrow();
    expect((await whole.api.request('GET', '/v1/keys')).status).toBe(200);
    expect(await named()).toContain(`can't be understood`);
    const { text } = await whole.api.request('GET', '/metrics');
    expect(text).toMatch(/^verbatim_unreadable_events\{family="messages"\} [1-9]/m);
  };

  it('stop their channel and bot in a running system, and nothing else', async () => {
    const bot = await TestBot.connect(whole.api.url, { key: keys.ada });
    for (const channel of ['hit', 'closed', 'well']) expect(await post(bot, channel)).toBe('ok');
    bot.close();
    await forgeAll();
    await waitFor('the log to bring them', async () => (await named()).includes('messages-hit'));
    await look(1);
  });

  it('do not prevent a start, after a kill or after more of them came while nothing ran', async () => {
    await whole.process.kill();
    await whole.process.start(60_000);
    await look(2);
    await whole.process.kill();
    await forgeAll();
    await whole.process.start(60_000);
    await look(3);
  });
});
