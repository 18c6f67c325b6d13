import { createHash, createHmac } from 'node:crypto';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Refused, TestBot } from '#tools/harness/bots/test-bot.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { RoleServer, Roles } from '#tools/harness/system/roles.js';

/** Milliseconds within which everything that a token has open is closed once it is no longer valid. */
const PROMISED_MS = 1_000;

const SECRET = 'secret-of-the-identity-provider-0123';
const ENV = {
  VERBATIM_JWT_SECRET: SECRET,
  VERBATIM_JWT_ISSUER: 'https://id.example',
  VERBATIM_JWT_AUDIENCE: 'verbatim',
  VERBATIM_JWT_CLOCK_TOLERANCE: '0',
};

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const tokenOf = (claims: object): string => {
  const iat = Math.floor(Date.now() / 1_000);
  const all = { iss: 'https://id.example', aud: 'verbatim', sub: 'somebody', iat, exp: iat + 600, ...claims };
  const text = `${part({ alg: 'HS256' })}.${part(all)}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
};

const idOf = (kind: 'jwt' | 'sub' | 'bot' | 'iss', text: string): string =>
  `${kind}.${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;

/** Something that is open. `closed` says when it ended, on this process's clock. */
type Open = Readonly<{ closed: Promise<number> }>;

let roles: Roles;
let gateways: readonly RoleServer[];
const opened: { close(): void }[] = [];

beforeAll(async () => {
  roles = await startRoles({ gateways: 2, admins: 1, audits: 1, env: ENV });
  gateways = roles.gateways;
});

afterAll(() => roles?.remove());

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

const ask = (method: string, path: string, token?: string, server = gateways[0]!) =>
  server.api.request(method, path, undefined, token);

/** Connects the bot to both gateways. Says when each connection ended. */
const connected = (token: string): Promise<Open[]> =>
  Promise.all(
    gateways.map(async ({ api }, index) => {
      const bot = await TestBot.connect(api.url, { token, consumer: `at-${index}` } as object);
      opened.push(bot);
      return { closed: bot.untilDisconnected().then(() => performance.now()) };
    }),
  );

/** Opens a person's socket. */
const watching = async (server: RoleServer, namespace: string, auth: object): Promise<Open> => {
  const socket: Socket = io(`${server.api.url}/${namespace}`, {
    auth: { ...auth },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  opened.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject);
  });
  return {
    closed: new Promise((resolve) => socket.once('disconnect', () => resolve(performance.now()))),
  };
};

/** Opens an answer over HTTP that follows the log. */
const following = async (token: string): Promise<Open> => {
  const ending = new AbortController();
  const response = await fetch(`${roles.audits[0]!.api.url}/v1/audit/events?follow=true`, {
    headers: { authorization: `Bearer ${token}` },
    signal: ending.signal,
  });
  expect(response.status).toBe(200);
  opened.push({ close: () => ending.abort() });
  const read = async (): Promise<void> => {
    for await (const _ of response.body!);
  };
  // It must be cut, because an answer that ends as if it were whole would be taken for all there is.
  const closed = expect(read())
    .rejects.toThrow('terminated')
    .then(() => performance.now());
  return { closed };
};

const refusalOf = async (token: unknown): Promise<unknown> => {
  const error: unknown = await TestBot.connect(gateways[0]!.api.url, { token } as object).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(Refused);
  return (error as Refused).error?.code;
};

const revokeBefore = async (id: string, issuedBefore: string) => {
  const path = `/v1/keys/${id}?issuedBefore=${issuedBefore}`;
  const { status, body } = await gateways[0]!.api.request('DELETE', path);
  return [status, (body as { code: string }).code];
};

const within = async (ends: readonly Open[], from: number): Promise<void> => {
  for (const { closed } of ends) expect((await closed) - from).toBeLessThan(PROMISED_MS);
};

describe('a token of an identity provider', () => {
  it('lets in the bot or person that it names, over Socket.IO and HTTP and in either field, and nobody else', async () => {
    await gateways[0]!.api.createBot('alice');
    const alice = tokenOf({ role: 'bot', bot: 'alice' });
    const bot = await TestBot.connect(gateways[1]!.api.url, { key: alice });
    opened.push(bot);
    expect(bot.ready.bot).toBe('alice');
    await connected(alice);
    expect((await ask('GET', '/v1/channels/general/messages', alice)).status).toBe(403);
    expect((await ask('GET', '/v1/keys', alice, roles.admins[0])).status).toBe(403);
    const [admin, auditor] = [tokenOf({ role: 'admin' }), tokenOf({ role: 'auditor' })];
    expect((await ask('GET', '/v1/keys', admin, roles.admins[0])).status).toBe(200);
    expect((await ask('GET', '/v1/keys', auditor, roles.admins[0])).status).toBe(403);
    expect((await ask('GET', '/v1/audit/events?limit=1', auditor, roles.audits[0])).status).toBe(200);
    await watching(roles.admins[0]!, 'admin', { token: admin });
    await watching(roles.audits[0]!, 'audit', { key: auditor });
  });

  it('lets nobody in if it is forged, names an unknown bot, or comes next to a key', async () => {
    expect(await refusalOf(tokenOf({ role: 'bot', bot: 'nobody' }))).toBe('unauthenticated');
    expect(await refusalOf(`${tokenOf({ role: 'bot', bot: 'alice' }).slice(0, -4)}AAAA`)).toBe(
      'unauthenticated',
    );
    expect(await refusalOf(7)).toBe('unauthenticated');
    const both = { token: tokenOf({ role: 'admin' }), key: 'x' };
    await expect(watching(roles.admins[0]!, 'admin', both)).rejects.toMatchObject({
      data: { code: 'unauthenticated' },
    });
  });

  it('that expires has everything that it opened closed everywhere', async () => {
    await gateways[0]!.api.createBot('brief');
    const exp = Math.floor(Date.now() / 1_000) + 4;
    const ends = [
      ...(await connected(tokenOf({ role: 'bot', bot: 'brief', exp }))),
      await watching(roles.admins[0]!, 'admin', { token: tokenOf({ role: 'admin', exp }) }),
      await watching(roles.audits[0]!, 'audit', { token: tokenOf({ role: 'auditor', exp }) }),
    ];
    const end = performance.now() + (exp * 1_000 - Date.now());
    for (const at of await Promise.all(ends.map(({ closed }) => closed)))
      expect(at).toBeGreaterThan(end - 50);
    await within(ends, end);
  });

  it.each([
    ['by itself', 'jwt', 't-1', 'grace-1'],
    ['with all others of its subject', 'sub', 'grace-2', 'grace-2'],
  ] as const)('is revoked %s, and what it opened is closed everywhere', async (_how, kind, text, sub) => {
    await gateways[0]!.api.createBot(sub);
    const claims = { sub, jti: kind === 'jwt' ? text : `of-${sub}` };
    const bot = tokenOf({ ...claims, role: 'bot', bot: sub });
    const admin = tokenOf({ ...claims, role: 'admin' });
    const ends = [...(await connected(bot)), await watching(roles.admins[0]!, 'admin', { token: admin })];
    const from = performance.now();
    for (const status of [204, 204])
      expect((await gateways[1]!.api.request('DELETE', `/v1/keys/${idOf(kind, text)}`)).status).toBe(status);
    await within(ends, from);
    expect(await refusalOf(bot)).toBe('unauthenticated');
    expect((await ask('GET', '/v1/keys', admin, roles.admins[0])).status).toBe(401);
    const another = tokenOf({ ...claims, jti: 'another', role: 'bot', bot: sub });
    if (kind === 'sub') expect(await refusalOf(another)).toBe('unauthenticated');
    else await connected(another);
  });

  it.each([
    ['subject', 'sub', 'judy'],
    ['bot', 'bot', 'kim'],
    ['issuer', 'iss', 'https://id.example'],
  ] as const)(
    'is revoked with all others of its %s that were issued before a time, and those issued later are good',
    async (_what, kind, text) => {
      const bot = `${kind}-of-all`;
      const name = kind === 'bot' ? text : bot;
      const sub = kind === 'sub' ? text : 'somebody';
      await gateways[0]!.api.createBot(name);
      const now = Math.floor(Date.now() / 1_000);
      const claims = { sub, role: 'bot', bot: name };
      const [old, undated] = [tokenOf({ ...claims, iat: now - 60 }), tokenOf({ ...claims, iat: undefined })];
      const fresh = tokenOf({ ...claims, iat: now - 10 });
      const admin = tokenOf({ sub, role: 'admin', iat: now - 60 });
      const auditor = tokenOf({ sub, role: 'auditor', iat: now - 60 });
      const ends = await connected(old);
      const isAdminsToo = kind !== 'bot';
      if (isAdminsToo) {
        ends.push(await watching(roles.admins[0]!, 'admin', { token: admin }));
        ends.push(await watching(roles.audits[0]!, 'audit', { token: auditor }));
        ends.push(await following(auditor));
      }
      const kept = await TestBot.connect(gateways[0]!.api.url, { token: fresh, consumer: 'kept' } as object);
      opened.push(kept);
      const issuedBefore = new Date((now - 30) * 1_000).toISOString();
      const path = `/v1/keys/${idOf(kind, text)}?issuedBefore=${issuedBefore}`;
      const from = performance.now();
      for (const status of [204, 204])
        expect((await gateways[1]!.api.request('DELETE', path)).status).toBe(status);
      await within(ends, from);
      for (const token of [old, undated]) expect(await refusalOf(token)).toBe('unauthenticated');
      const { status } = await ask('GET', '/v1/keys', admin, roles.admins[0]);
      expect(status).toBe(isAdminsToo ? 401 : 200);
      expect(await kept.request('who', { channel: 'nowhere' })).toMatchObject({
        error: { code: 'unknown_channel' },
      });
      await connected(fresh);
    },
  );

  it('is not revoked by a request with a future or invalid time, or with a time for a single token', async () => {
    const [past, future] = ['2026-01-01T00:00:00Z', '2999-01-01T00:00:00Z'];
    const refused = [400, 'invalid_payload'];
    expect(await revokeBefore(idOf('sub', 'laura'), future)).toEqual(refused);
    expect(await revokeBefore(idOf('sub', 'laura'), 'yesterday')).toEqual(refused);
    expect(await revokeBefore(idOf('jwt', 'laura'), past)).toEqual(refused);
    expect(await revokeBefore('abcd2345', past)).toEqual(refused);
  });

  it('of a suspended bot is refused, and what it opened is closed', async () => {
    await gateways[0]!.api.createBot('henry');
    const token = tokenOf({ role: 'bot', bot: 'henry' });
    const ends = await connected(token);
    const from = performance.now();
    expect((await gateways[0]!.api.request('POST', '/v1/bots/henry/suspend', {})).status).toBe(204);
    await within(ends, from);
    expect(await refusalOf(token)).toBe('forbidden');
  });
});
