import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { DeafClient } from '#test/support/deaf-client.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** Milliseconds within which everything that a key has open is closed once it is withdrawn. This is promised. */
const PROMISED_MS = 1_000;

type Key = Readonly<{ keyId: string; key: string }>;
type Reply = Readonly<Record<string, unknown>>;

/** Something that a key has open. `closed` says when it ended, in milliseconds on this process's clock. */
type Open = Readonly<{ what: string; closed: Promise<number>; abandon: () => void }>;

let roles: Roles;
let gateways: readonly [RoleServer, RoleServer];
let admin: RoleServer;
let audit: RoleServer;
const opened: Open[] = [];

beforeAll(async () => {
  roles = await startRoles({ gateways: 2, admins: 1, audits: 1 });
  gateways = roles.gateways as unknown as readonly [RoleServer, RoleServer];
  [admin, audit] = [roles.admins[0]!, roles.audits[0]!];
});

afterAll(() => roles?.remove());

afterEach(() => {
  for (const { abandon } of opened.splice(0)) abandon();
});

const keep = (open: Open): Open => {
  opened.push(open);
  return open;
};

const issue = async (role: 'admin' | 'auditor', more: object = {}): Promise<Key> => {
  const { status, body } = await gateways[0].api.request('POST', '/v1/keys', { role, ...more });
  expect(status).toBe(201);
  return body as Key;
};

const socketAt = async ({ api }: RoleServer, namespace: string, { key }: Key): Promise<Socket> => {
  const socket = io(`${api.url}/${namespace}`, {
    auth: { key },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject);
  });
  return socket;
};

const opensSocket = (what: string, socket: Socket): Open => {
  const closed = new Promise<number>((resolve) =>
    socket.once('disconnect', () => resolve(performance.now())),
  );
  return keep({ what, closed, abandon: () => void socket.close() });
};

/** Opens an auditor's socket with a replay under way, and another replay that follows the log. */
const replaying = async (key: Key): Promise<Open> => {
  const socket = await socketAt(audit, 'audit', key);
  const ask = async (query: object): Promise<unknown> =>
    ((await socket.timeout(5_000).emitWithAck('replay', query)) as Reply)['ok'];
  // Batches are not acknowledged, so this replay stays under way.
  expect([await ask({ follow: true }), await ask({ follow: true, from: '2026-01-01' })]).toEqual([
    true,
    true,
  ]);
  return opensSocket('audit socket', socket);
};

const watching = async (key: Key): Promise<Open> =>
  opensSocket('console', await socketAt(admin, 'admin', key));

/** Opens an answer over HTTP that follows the log. */
const following = async ({ key }: Key): Promise<Open> => {
  const ending = new AbortController();
  const response = await fetch(`${audit.api.url}/v1/audit/events?follow=true`, {
    headers: { authorization: `Bearer ${key}` },
    signal: ending.signal,
  });
  expect(response.status).toBe(200);
  const read = async (): Promise<void> => {
    for await (const _ of response.body!);
    throw new Error('a follow that ends as if it were whole');
  };
  const closed = read().catch(({ message }: Error) => {
    expect(message).toBe('terminated');
    return performance.now();
  }) as Promise<number>;
  return keep({ what: 'follow', closed, abandon: () => ending.abort() });
};

const polling = async (bot: string, key: string): Promise<Open[]> =>
  Promise.all(
    gateways.map(async ({ api }, index) => {
      const auth = { key, consumer: `polling-${index}` };
      const peer = await TestBot.connect(api.url, auth, { transports: ['polling'] });
      const closed = peer.untilDisconnected().then(() => performance.now());
      return keep({ what: `${bot} polling gateway ${index + 1}`, closed, abandon: () => peer.close() });
    }),
  );

/** Opens a client that reads nothing of what it is sent. */
const deaf = async ({ api }: RoleServer, namespace: string, key: string): Promise<Open> => {
  const client = await DeafClient.connect(api.url, namespace, key);
  return keep({ what: `deaf in /${namespace}`, closed: client.closed, abandon: () => client.abandon() });
};

const connected = async (bot: string, key: string): Promise<Open[]> =>
  Promise.all(
    gateways.map(async ({ api }, index) => {
      const peer = await TestBot.connect(api.url, { key, consumer: `at-${index}` });
      const closed = peer.untilDisconnected().then(() => performance.now());
      return keep({ what: `${bot} at gateway ${index + 1}`, closed, abandon: () => peer.close() });
    }),
  );

/** Returns what was not closed in time, counted from a moment on this process's clock. */
const late = async (open: readonly Open[], from: number): Promise<string[]> => {
  const never = pause(10_000, Infinity, { ref: false });
  const ends = await Promise.all(
    open.map(async ({ what, closed }) => [what, (await Promise.race([closed, never])) - from] as const),
  );
  return ends.filter(([, ms]) => ms > PROMISED_MS).map(([what, ms]) => `${what}: ${ms} ms`);
};

const revoke = async ({ keyId }: Key): Promise<void> => {
  expect((await gateways[1].api.request('DELETE', `/v1/keys/${keyId}`)).status).toBe(204);
};

const statusWith = async ({ key }: Key, { api }: RoleServer, path: string): Promise<number> =>
  (await api.request('GET', path, undefined, key)).status;

describe('a key that was just issued at one gateway', () => {
  it('opens the other at once, even while many made-up keys are tried there', async () => {
    const { api } = gateways[1];
    const post = { id: '0198c0de-7a3b-4c21-9d4e-5f60718293a4', channel: 'nowhere', body: 'x' };
    const status = async (key: string) => (await api.request('POST', '/v1/messages', post, key)).status;
    const flood = Array.from({ length: 300 }, (_, index) =>
      status(issueKey({ role: 'bot', bot: `made-up-${index}` }).key),
    );
    for (let index = 0; index < 5; index += 1) {
      const bot = `new-${index}`;
      const key = await gateways[0].api.createBot(bot);
      expect(await status(key)).toBe(404);
      const peer = await TestBot.connect(api.url, { key });
      peer.close();
    }
    expect(new Set(await Promise.all(flood))).toEqual(new Set([401]));
  });
});

describe('a key that is withdrawn at one gateway', () => {
  it('of an auditor: its socket, its replays and its follow are closed where the role audit runs', async () => {
    const key = await issue('auditor');
    const other = await issue('auditor');
    const open = [await replaying(key), await following(key)];
    const others = [await replaying(other), await following(other)];
    const from = performance.now();
    await revoke(key);
    expect(await late(open, from)).toEqual([]);
    expect(await statusWith(key, audit, '/v1/audit/events?limit=1')).toBe(401);
    expect(await statusWith(other, audit, '/v1/audit/events?limit=1')).toBe(200);
    const ended = others.map(({ what, closed }) => closed.then(() => what));
    expect(await Promise.race([...ended, Promise.resolve('both are open')])).toBe('both are open');
  });

  it('of an admin: its console, its replays and its follow are closed, and it opens nothing anywhere', async () => {
    const key = await issue('admin');
    const open = [await watching(key), await replaying(key), await following(key)];
    const from = performance.now();
    await revoke(key);
    expect(await late(open, from)).toEqual([]);
    await expect(socketAt(admin, 'admin', key)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    expect(await statusWith(key, admin, '/v1/keys')).toBe(401);
    for (const { api } of gateways)
      expect((await api.request('POST', '/v1/keys', { role: 'admin' }, key.key)).status).toBe(401);
  });

  it('of a bot: its connections to both gateways are closed, as are those of a suspended bot', async () => {
    for (const withdraw of ['DELETE', 'POST'] as const) {
      const bot = `bot-${withdraw}`;
      const key = await gateways[0].api.createBot(bot);
      const open = await connected(bot, key);
      const path = withdraw === 'DELETE' ? `keys/${key.split('.')[2]}` : 'suspend';
      const from = performance.now();
      expect((await gateways[0].api.request(withdraw, `/v1/bots/${bot}/${path}`)).status).toBe(204);
      expect(await late(open, from)).toEqual([]);
    }
  });
});

describe('an uncooperative client', () => {
  it.each(['DELETE', 'POST'] as const)(
    'is disconnected from both gateways in time, polling or reading nothing, when its key is withdrawn by %s',
    async (withdraw) => {
      const bot = `odd-${withdraw}`;
      const key = await gateways[0].api.createBot(bot);
      const open = [
        ...(await polling(bot, key)),
        ...(await Promise.all(gateways.map((one) => deaf(one, 'bots', key)))),
      ];
      const path = withdraw === 'DELETE' ? `keys/${key.split('.')[2]}` : 'suspend';
      const from = performance.now();
      expect((await gateways[0].api.request(withdraw, `/v1/bots/${bot}/${path}`)).status).toBe(204);
      expect(await late(open, from)).toEqual([]);
    },
  );

  it('is disconnected from the roles for people, too', async () => {
    const key = await issue('admin');
    const open = [await deaf(admin, 'admin', key.key), await deaf(audit, 'audit', key.key)];
    const from = performance.now();
    await revoke(key);
    expect(await late(open, from)).toEqual([]);
  });
});

describe('a key that expires', () => {
  it('has everything that it opened closed by every process, without a command', async () => {
    const expiresAt = new Date(Date.now() + 4_000).toISOString();
    const [auditor, person] = [await issue('auditor', { expiresAt }), await issue('admin', { expiresAt })];
    const bot = (await gateways[0].api.request('POST', '/v1/bots', { name: 'brief', expiresAt })).body;
    const open = [
      ...(await connected('brief', bot['key'] as string)),
      await replaying(auditor),
      await following(auditor),
      await watching(person),
    ];
    const end = performance.now() + (Date.parse(expiresAt) - Date.now());
    const ends = await Promise.all(open.map(async ({ closed }) => closed));
    // Two clocks of one machine, read one after the other, may differ by some milliseconds.
    expect(ends.filter((at) => at < end - 50)).toEqual([]);
    expect(await late(open, end)).toEqual([]);
    expect(await statusWith(person, admin, '/v1/keys')).toBe(401);
    const { body } = await admin.api.request('GET', '/v1/keys');
    const items = body['items'] as { keyId: string; status: string; expiresAt?: string }[];
    expect(items.find(({ keyId }) => keyId === person.keyId)).toMatchObject({ status: 'expired', expiresAt });
  });
});

describe('the last admin key', () => {
  it('can be revoked without force only while another is valid, whatever gateway is asked', async () => {
    const first = roles.adminKey.split('.')[1]!;
    const refused = await gateways[1].api.request('DELETE', `/v1/keys/${first}`);
    expect([refused.status, refused.body['code']]).toEqual([409, 'last_admin_key']);
    const second = await issue('admin');
    await revoke({ keyId: first, key: '' });
    const withSecond = (path: string) => gateways[0].api.request('DELETE', path, undefined, second.key);
    const last = await withSecond(`/v1/keys/${second.keyId}`);
    expect([last.status, last.body['code']]).toEqual([409, 'last_admin_key']);
    expect((await withSecond(`/v1/keys/${second.keyId}?force=true`)).status).toBe(204);
    await waitFor('the end of it', async () => (await withSecond(`/v1/keys/${first}`)).status === 401);
  });
});
