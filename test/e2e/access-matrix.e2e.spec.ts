import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL, EVENT_EXAMPLES, HTTP_EXAMPLES, MESSAGE } from '#test/support/access-examples.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { ACCESS_MATRIX, type Rule } from '#libs/platform/access/access-matrix.js';
import type { Role } from '#libs/platform/access/caller.js';
import { ADMIN } from '#libs/protocol/asyncapi/admin.namespace.js';
import { AUDIT } from '#libs/protocol/asyncapi/audit.namespace.js';
import { BOTS } from '#libs/protocol/asyncapi/bots.namespace.js';

/** Who comes to a door. `role` is that of a valid key; `refused` says how an invalid one is refused. */
type Who = Readonly<{ name: string; key?: string; role?: Role; isStranger?: true; refused?: string }>;
type Refusal = 'unauthenticated' | 'forbidden' | 'in';

const RULES = Object.entries(ACCESS_MATRIX);
const DOORS = RULES.filter(([door]) => /^[A-Z]+ \/(?!bots$|audit$|admin$)/.test(door));
const CONNECTS = RULES.filter(([door]) => door.startsWith('CONNECT '));
const EVENTS = RULES.filter(([door]) => door.startsWith('/'));

let verbatim: Verbatim;
let everybody: readonly Who[];
const sockets: Socket[] = [];

const issue = async (role: 'admin' | 'auditor', more: object = {}): Promise<{ key: string; keyId: string }> =>
  (await verbatim.request('POST', '/v1/keys', { role, ...more })).body as { key: string; keyId: string };

const idOf = (key: string): string => key.split('.').at(-2)!;

const withdraw = async (role: Role, key: string): Promise<void> => {
  const path = role === 'bot' ? `/v1/bots/${key.split('.')[1]}/keys/${idOf(key)}` : `/v1/keys/${idOf(key)}`;
  expect((await verbatim.request('DELETE', path)).status).toBe(204);
};

/** Makes keys that are no longer valid, whatever they were for. */
const spentKeys = async (): Promise<Who[]> => {
  const expiresAt = new Date(Date.now() + 1_000).toISOString();
  const brief = { name: 'brief', expiresAt };
  const expired = [
    ['admin', (await issue('admin', { expiresAt })).key],
    ['auditor', (await issue('auditor', { expiresAt })).key],
    ['bot', (await verbatim.request('POST', '/v1/bots', brief)).body['key'] as string],
  ] as const;
  const revoked = [
    ['admin', (await issue('admin')).key],
    ['auditor', (await issue('auditor')).key],
    ['bot', await verbatim.createBot('revoked')],
  ] as const;
  for (const [role, key] of revoked) await withdraw(role, key);
  await waitFor('the keys to expire', () => Date.now() > Date.parse(expiresAt));
  const refused = 'unauthenticated';
  return [
    ...expired.map(([role, key]) => ({ name: `${role}, expired`, key, refused })),
    ...revoked.map(([role, key]) => ({ name: `${role}, revoked`, key, refused })),
  ];
};

beforeAll(async () => {
  verbatim = await startVerbatim();
  await verbatim.createChannel(CHANNEL, 'private');
  const [member, stranger, suspended] = [
    await verbatim.createBot('member'),
    await verbatim.createBot('stranger'),
    await verbatim.createBot('suspended'),
  ];
  for (const bot of ['member', 'suspended']) await verbatim.addMember(CHANNEL, bot);
  await verbatim.request('POST', '/v1/bots/suspended/suspend', {});
  const refused = 'unauthenticated';
  everybody = [
    { name: 'nobody', refused },
    { name: 'nonsense', key: 'open-sesame', refused },
    { name: 'mistyped', key: member.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), refused },
    { name: 'made up', key: issueKey({ role: 'bot', bot: 'member' }).key, refused },
    { name: 'made up, admin', key: issueKey({ role: 'admin' }).key, refused },
    ...(await spentKeys()),
    { name: 'suspended', key: suspended, refused: 'forbidden' },
    { name: 'member', key: member, role: 'bot' },
    { name: 'stranger', key: stranger, role: 'bot', isStranger: true },
    { name: 'admin', key: (await issue('admin')).key, role: 'admin' },
    { name: 'auditor', key: (await issue('auditor')).key, role: 'auditor' },
  ];
  const posted = await fetch(`${verbatim.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${member}` },
    body: JSON.stringify({ id: MESSAGE, channel: CHANNEL, body: 'x' }),
  });
  expect(posted.status).toBe(201);
  const signed = async () =>
    (await verbatim.request('GET', `/v1/messages/member/${MESSAGE}/proof`)).status === 200;
  await waitFor('a checkpoint', signed, 30_000);
});

afterAll(() => verbatim?.remove());

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

const expected = ({ who: allowed, member }: Rule, who: Who): Refusal => {
  if (allowed === 'anybody') return 'in';
  if (who.refused !== undefined) return who.refused as Refusal;
  if (!allowed.includes(who.role!)) return 'forbidden';
  return member && who.isStranger ? 'forbidden' : 'in';
};

/** Compares what the table says of everybody with what they met. */
const cells = async (rule: Rule, of: readonly Who[], met: (who: Who) => Promise<string>): Promise<void> => {
  const found = await Promise.all(of.map(async (who) => [who.name, await met(who)]));
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(of.map((who) => [who.name, expected(rule, who)])),
  );
};

const connect = (namespace: string, key: string | undefined): Promise<Socket> => {
  const socket = io(`${verbatim.url}${namespace}`, {
    auth: key === undefined ? {} : { key },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket)).once('connect_error', reject);
  });
};

type Reply = Readonly<{ ok: boolean; error?: { code: string } }>;

const ask = async (socket: Socket, event: string, payload: unknown, withinMs = 5_000): Promise<string> => {
  const { ok, error } = (await socket.timeout(withinMs).emitWithAck(event, payload)) as Reply;
  if (ok) return 'in';
  const { code } = error!;
  return ['unauthenticated', 'forbidden', 'unknown_event', 'internal_error'].includes(code) ? code : 'in';
};

describe('the access table', () => {
  it('has every existing route and event, and no others', async () => {
    const { paths } = (await verbatim.request('GET', '/docs/openapi.json')).body as {
      paths: Record<string, object>;
    };
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) =>
          `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1').replace('/tile/:', '/tile/*')}`,
      ),
    );
    expect(DOORS.map(([door]) => door).toSorted()).toEqual(
      [...new Set([...routes, 'GET /metrics'])].toSorted(),
    );
    const namespaces = [BOTS, AUDIT, ADMIN];
    const events = namespaces.flatMap(({ name, asked }) => asked.map(({ event }) => `/${name} ${event}`));
    expect(EVENTS.map(([door]) => door).toSorted()).toEqual(events.toSorted());
    expect(CONNECTS.map(([door]) => door)).toEqual(namespaces.map(({ name }) => `CONNECT /${name}`));
  });
});

describe('every cell of the access table', () => {
  it.each(DOORS)('%s', async (door, rule) => {
    const [path, body] = HTTP_EXAMPLES[door]!;
    const [method = ''] = door.split(' ');
    await cells(rule, everybody, async ({ key }) => {
      const response = await fetch(`${verbatim.url}${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      expect(response.status).toBeLessThan(500);
      if (![401, 403].includes(response.status)) return 'in';
      expect(response.headers.get('www-authenticate')).toBe(response.status === 401 ? 'Bearer' : null);
      return (JSON.parse(text) as { code: string }).code;
    });
  });

  it.each(DOORS.filter(([door]) => door.startsWith('GET /v1')))('%s, asked with HEAD', async (door, rule) => {
    const CODES: Record<number, string> = { 401: 'unauthenticated', 403: 'forbidden' };
    await cells(
      rule,
      everybody.filter(({ name }) => !name.includes(',')),
      async ({ key }) => {
        const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
        const { status } = await fetch(`${verbatim.url}${HTTP_EXAMPLES[door]![0]}`, {
          method: 'HEAD',
          headers: headers as Record<string, string>,
        });
        return CODES[status] ?? 'in';
      },
    );
  });

  it.each(CONNECTS)('%s', async (door, rule) => {
    await cells(rule, everybody, async ({ key }) => {
      try {
        await connect(door.split(' ')[1]!, key);
        return 'in';
      } catch (error) {
        const { data } = error as { data?: { code: string } };
        // Without a key, the payload of the handshake is invalid.
        return data?.code === 'invalid_payload' && key === undefined ? 'unauthenticated' : data!.code;
      }
    });
  });

  it.each(EVENTS)('%s', async (door, rule) => {
    const [namespace = '', event = ''] = door.split(' ');
    const inside = everybody.filter(
      ({ role }) =>
        role !== undefined && (ACCESS_MATRIX[`CONNECT ${namespace}`]!.who as Role[]).includes(role),
    );
    expect(inside.length).toBeGreaterThan(0);
    await cells(rule, inside, async ({ key }) =>
      ask(await connect(namespace, key), event, EVENT_EXAMPLES[door]!()),
    );
  });
});

describe('a route, event or namespace that is not in the table', () => {
  it('does not exist over HTTP, whoever asks', async () => {
    for (const path of ['/v1/nothing', '/v1/bots/member/secrets', '/admin', '/v1/audit/events/1']) {
      const { status } = await verbatim.request('GET', path, undefined, everybody.at(-2)!.key);
      expect([path, status]).toEqual([path, 404]);
    }
  });

  it.each(CONNECTS)('does not exist as an event behind %s', async (door, { who }) => {
    const namespace = door.split(' ')[1]!;
    const key = everybody.find(({ role }) => role !== undefined && who.includes(role))!.key;
    const socket = await connect(namespace, key);
    const others = EVENTS.filter(([event]) => !event.startsWith(`${namespace} `)).map(
      ([event]) => event.split(' ')[1]!,
    );
    for (const event of [...others, 'nothing', 'constructor', '__proto__', 'CONNECT', `${namespace} post`])
      expect([event, await ask(socket, event, {})]).toEqual([event, 'unknown_event']);
  });

  it.each(['/', '/nothing', '/bots/', '/Admin'])('does not exist as a namespace: %s', async (namespace) => {
    await expect(connect(namespace, everybody.at(-2)!.key)).rejects.toThrow();
  });
});

describe('an open connection', () => {
  const ways = CONNECTS.flatMap(([door, { who }]) =>
    (who as Role[]).flatMap((role) =>
      (role === 'bot' ? ['revoked', 'suspended'] : ['revoked']).map((way) => ({ door, role, way })),
    ),
  );

  it.each(ways)(
    'by $door is closed and answers nothing once its $role is $way',
    async ({ door, role, way }) => {
      const namespace = door.split(' ')[1]!;
      const bot = `open-${way}`;
      const key = role === 'bot' ? await verbatim.createBot(bot) : (await issue(role)).key;
      if (role === 'bot') await verbatim.addMember(CHANNEL, bot);
      const socket = await connect(namespace, key);
      const events = EVENTS.filter(([event]) => event.startsWith(`${namespace} `));
      const closed = new Promise<number>((resolve) =>
        socket.once('disconnect', () => resolve(performance.now())),
      );
      const from = performance.now();
      if (way === 'revoked') await withdraw(role, key);
      else await verbatim.request('POST', `/v1/bots/${bot}/suspend`, {});
      const answers = await Promise.all(
        events.map(([event]) =>
          ask(socket, event.split(' ')[1]!, EVENT_EXAMPLES[event]!(), 1_000).catch(() => 'no answer'),
        ),
      );
      expect(
        answers.filter((answer) => !['no answer', 'unauthenticated', 'forbidden'].includes(answer)),
      ).toEqual([]);
      expect((await closed) - from).toBeLessThan(1_000);
    },
  );
});
