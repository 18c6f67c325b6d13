import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { environmentFor } from '#tools/harness/system/home.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { runVerbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { DECISIONS_STREAM } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { forge, forgedEvent } from '#test/support/forge.js';
import { sequence } from '#test/support/sequence.js';
import type { Json } from '#libs/domain/json.js';

type Item = Record<string, unknown>;

/** More messages than a gateway reads at its start. */
const FAR = 10_500;
const WHY = 'appended by a script';

/**
 * Events that nobody understands, in every kind of stream that something depends on, and the read models that they
 * stop.
 */
const BAD: readonly (readonly [stream: string, type: string, data: Json])[] = [
  ['messages-hit', 'MessagePosted', { forged: true }],
  ['channel-hit', 'BotJoined', { channel: 'hit', bot: 7, from: -1 }],
  ['bot-eve', 'KeyRevoked', 'all'],
  ['presence-ada', 'BotConnected', null],
  ['messages-no such name!', 'MessagePosted', null],
];
const PROJECTIONS = ['messages', 'activity', 'memberships', 'bots', 'presence'];

const named = async ({ api }: RoleServer): Promise<string> => {
  const { body } = await api.request('GET', '/health/ready');
  return JSON.stringify((body['components'] as Record<string, unknown>)['events']);
};
const damaged = async ({ api }: RoleServer): Promise<Item[]> =>
  (await api.request('GET', '/v1/damaged')).body['items'] as Item[];

/** Roles run as separate processes, with two gateways. The tests build on one another. */
describe('an admin decides about events that nobody understands', () => {
  let roles: Roles;
  let first: RoleServer;
  let second: RoleServer;
  let outsider: EventStore;
  let keys: Record<'ada' | 'eve', string>;
  let auditor: string;

  beforeAll(async () => {
    roles = await startRoles({ gateways: 2, projectors: 1, admins: 1, audits: 1 });
    [first, second] = roles.gateways as [RoleServer, RoleServer];
    outsider = new EventStore({ connectionString: roles.eventStoreUrl });
    keys = { ada: await first.api.createBot('ada'), eve: await first.api.createBot('eve') };
    auditor = (await first.api.request('POST', '/v1/keys', { role: 'auditor' })).body['key'] as string;
    for (const channel of ['hit', 'far']) {
      await first.api.createChannel(channel);
      await first.api.addMember(channel, 'ada');
    }
  });
  afterAll(async () => {
    await outsider?.close();
    await roles?.remove();
  });

  const connect = ({ api }: RoleServer, auth: object = {}): Promise<TestBot> =>
    TestBot.connect(api.url, { key: keys.ada, consumer: `c-${uuidv7()}`, ...auth });
  const post = async (server: RoleServer, channel: string, body = 'b'): Promise<unknown> => {
    const said = { id: uuidv7(), channel, body };
    const { status, body: answer } = await server.api.request('POST', '/v1/messages', said, keys.ada);
    return status === 201 ? 'ok' : answer['code'];
  };
  const admin = (path: string) => roles.admins[0]!.api.request('GET', `/v1${path}`);
  const projections = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      ((await admin('/projections')).body['items'] as Item[]).map((one) => [one['name'], one['status']]),
    );
  /** Runs a command as a person does, against one of the gateways. */
  const verbatim = async (server: RoleServer, ...args: readonly string[]): Promise<Item[]> => {
    const env = environmentFor(
      { dataDir: roles.eventStoreDir, port: server.port },
      { VERBATIM_KEY: roles.adminKey },
    );
    const running = runVerbatim(['events', ...args, '--json', '--url', server.api.url], env);
    expect({ ...(await running.exitWithin(20_000)), said: running.stderr() }).toMatchObject({ code: 0 });
    const lines = running.output().trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Item);
  };
  /** Returns the seqs of a channel that a new bot receives. Skipped seqs are negative. */
  const told = async (server: RoleServer, channel: string): Promise<number[]> => {
    const bot = await connect(server, { resume: { [channel]: -1 } });
    await bot.untilCaughtUp(channel, 30_000);
    bot.close();
    return bot.received.flatMap(({ event, payload }) => {
      if (payload['channel'] !== channel) return [];
      if (event === 'backlog') return (payload['messages'] as { seq: number }[]).map(({ seq }) => seq);
      if (event !== 'skipped') return [];
      return sequence(payload['from'] as number, payload['to'] as number).map((seq) => -seq);
    });
  };

  it('and the decision takes effect at once, at every gateway, and for all read models', async () => {
    expect(await post(first, 'hit', 'before')).toBe('ok');
    const live = await Promise.all([first, second].map((server) => connect(server)));
    await Promise.all(live.map((bot) => bot.untilCaughtUp('hit')));
    const places: (readonly [string, number])[] = [];
    for (const [stream, type, data] of BAD)
      places.push([stream, (await forge(outsider, stream, type, data)).revision]);
    for (const bot of live)
      await waitFor('the notice', () => bot.all('notice').some(({ code }) => code === 'channel_damaged'));
    await waitFor('the read models to stop', async () => {
      const states = await projections();
      return PROJECTIONS.every((name) => states[name] === 'failed');
    });
    for (const server of [first, second]) expect(await post(server, 'hit')).toBe('channel_damaged');
    expect((await damaged(first)).map(({ stream }) => stream)).toEqual(
      expect.arrayContaining(places.map(([stream]) => stream)),
    );

    for (const [index, [stream, revision]] of places.entries()) {
      const server = [first, second][index % 2]!;
      const [item] = await verbatim(server, 'set-aside', stream, `${revision}`, '--reason', WHY);
      expect(item).toMatchObject({ stream, revision, status: 'set_aside', reason: WHY });
    }
    await waitFor('the read models to go on', async () => {
      const states = await projections();
      return PROJECTIONS.every((name) => states[name] === 'live');
    });
    for (const bot of live) {
      await waitFor('the notice', () => bot.all('notice').some(({ code }) => code === 'channel_restored'));
      await waitFor('word of the place', () => bot.all('skipped').length > 0);
      expect(bot.all('skipped')).toEqual([{ channel: 'hit', from: 1, to: 1, reason: 'set_aside' }]);
    }
    for (const server of [first, second])
      await waitFor('the channel', async () => (await post(server, 'hit', 'after')) === 'ok');
    for (const bot of live) {
      await bot.untilSeq('hit', 3);
      expect(bot.seqs('hit')).toEqual([0, 2, 3]);
      bot.close();
    }
    (await TestBot.connect(second.api.url, { key: keys.eve })).close();
  });

  it('and then no damage is reported, but who decided is shown, also after all processes were killed and restarted', async () => {
    for (const attempt of [1, 2]) {
      for (const { api } of roles.all) {
        const { text } = await api.request('GET', '/metrics');
        expect(text).not.toMatch(/^verbatim_unreadable_events\{[^}]*\} [1-9]/m);
      }
      for (const server of roles.all) expect(await named(server)).not.toContain(`can't be understood`);
      for (const server of [first, second]) {
        const items = await verbatim(server, 'damaged');
        expect(items.map(({ stream, status }) => [stream, status])).toEqual(
          expect.arrayContaining(BAD.map(([stream]) => [stream, 'set_aside'])),
        );
        for (const item of items)
          expect(item).toMatchObject({ reason: WHY, setAsideBy: roles.adminKey.split('.')[1] });
        expect(await told(server, 'hit')).toEqual([0, -1, ...sequence(2, attempt + 2)]);
      }
      if (attempt === 1) {
        await roles.kill();
        await roles.eventStore.start(30_000);
        await Promise.all(roles.all.map(({ process }) => process.start(60_000)));
        expect(await post(second, 'hit', 'later')).toBe('ok');
      }
    }
    await waitFor('the read model', async () => {
      const items = (await admin('/messages?channel=hit')).body['items'] as Item[];
      return items.map(({ body }) => body).join() === 'later,after,after,before';
    });
  }, 90_000); // five processes start one after the other

  it('and a rebuild makes the same read model', async () => {
    const { status } = await roles.admins[0]!.api.request('POST', '/v1/projections/messages/rebuild', {});
    expect(status).toBe(202);
    const built = await waitFor('the rebuild', async () => {
      const items = (await admin('/projections')).body['items'] as Item[];
      const item = items.find(({ name }) => name === 'messages')!;
      return (item['generation'] as number) > 1 && item['status'] === 'live' && item;
    });
    expect(built['differences'] ?? []).toEqual([]);
    expect((await admin('/messages?channel=hit')).body['items']).toHaveLength(4);
  });

  it('and auditors see the event as it lies in the log, and the decision after it', async () => {
    const { api } = roles.audits[0]!;
    const replay = async (stream: string): Promise<Item[]> => {
      const path = `/v1/audit/events?format=ndjson&stream=${encodeURIComponent(stream)}`;
      const { status, text } = await api.request('GET', path, undefined, auditor);
      expect(status).toBe(200);
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Item);
    };
    const bad = (await replay('messages-hit')).find(({ revision }) => revision === 1)!;
    expect(bad).toMatchObject({ type: 'MessagePosted', data: { forged: true } });
    const decision = (await replay(DECISIONS_STREAM)).find(
      ({ data }) => (data as Item)['stream'] === 'messages-hit',
    )!;
    expect(decision['data']).toMatchObject({ revision: 1, reason: WHY });
    expect(BigInt(decision['position'] as string)).toBeGreaterThan(BigInt(bad['position'] as string));
    const acts = await replay('audit-acts');
    const act = acts.find(({ data }) => (data as Item)['subject'] === 'messages-hit 1')!;
    expect(BigInt(act['position'] as string)).toBeLessThan(BigInt(decision['position'] as string));
  });

  it('and until then no reader gets past the event, however far back it lies', async () => {
    const stream = 'messages-far';
    await forge(outsider, stream, 'MessagePosted', null);
    for (let count = 0; count < FAR; count += 500) {
      const events = Array.from({ length: 500 }, () =>
        forgedEvent('MessagePosted', { id: uuidv7(), channel: 'far', bot: 'ada', body: 'b' }),
      );
      await outsider.append(stream, events, 'any');
    }
    await Promise.all([first, second].map(({ process }) => process.kill()));
    await Promise.all([first, second].map(({ process }) => process.start(60_000)));
    expect(await named(first)).not.toContain(stream); // no gateway has read there yet
    expect(await post(first, 'far')).not.toBe('channel_damaged');
    const reader = await connect(first, { resume: { far: -1 } });
    await waitFor('the notice', () => reader.all('notice').some(({ channel }) => channel === 'far'));
    expect(await named(first)).toContain(`event 0 of stream \\"${stream}\\"`);
    // While the read model stands still, it cannot tell whether an id from the time of the oldest events was used
    // before.
    expect(['channel_damaged', 'read_model_unavailable']).toContain(await post(first, 'far'));
    expect(reader.seqs('far')).toEqual([]);
    await verbatim(second, 'set-aside', stream, '0', '--reason', WHY);
    await reader.untilSeq('far', FAR, 30_000);
    expect(reader.all('skipped').filter(({ channel }) => channel === 'far')).toEqual([
      { channel: 'far', from: 0, to: 0, reason: 'set_aside' },
    ]);
    expect(reader.seqs('far')).toEqual(sequence(1, FAR));
    reader.close();
    await waitFor('the channel', async () => (await post(second, 'far')) === 'ok', 30_000);
    expect(await told(second, 'far')).toEqual([-0, ...sequence(1, FAR + 1)]);
  });
});
