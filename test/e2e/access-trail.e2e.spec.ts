import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

let verbatim: Verbatim;
let auditorKey: string;

type Access = Readonly<Record<string, unknown>>;

/** Returns what is in the stream, without the reads of it. */
const accesses = async (): Promise<Access[]> => {
  const { text } = await verbatim.request(
    'GET',
    '/v1/audit/events?stream=audit-access',
    undefined,
    auditorKey,
  );
  const events = text.split('\n').filter(Boolean);
  const all = events.map((line) => (JSON.parse(line) as { data: Access }).data);
  return all.filter(({ query }) => (query as Access)['stream'] !== 'audit-access');
};

beforeAll(async () => {
  verbatim = await startVerbatim();
  auditorKey = (await verbatim.request('POST', '/v1/keys', { role: 'auditor' })).body['key'] as string;
  for (const bot of ['one', 'two', 'three']) await verbatim.createBot(bot);
  await waitFor('the read model', async () => {
    const { body } = await verbatim.request('GET', '/v1/bots');
    return (body['items'] as unknown[] | undefined)?.length === 3;
  });
});

afterAll(() => verbatim?.remove());

describe('the access trail of people', () => {
  it('records reads of the read models before they are answered', async () => {
    await verbatim.request('GET', '/v1/bots?limit=2');
    expect((await accesses()).at(-1)).toMatchObject({
      role: 'admin',
      keyId: verbatim.adminKey.split('.')[1],
      path: '/v1/bots',
      query: { limit: '2' },
      state: 'done',
      count: 2,
    });
  });

  it('records reads of the log when they begin and when they end', async () => {
    await verbatim.request('GET', '/v1/audit/events?type=BotRegistered', undefined, auditorKey);
    const [begun, done] = (await accesses()).slice(-2);
    const asked = { role: 'auditor', path: '/v1/audit/events', query: { type: 'BotRegistered' } };
    expect(begun).toMatchObject({ ...asked, state: 'begun' });
    expect(done).toMatchObject({ ...asked, state: 'done', count: 3, access: begun!['access'] });
  });

  it('records reads that the reader broke off as cut', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${verbatim.url}/v1/audit/events?follow=true&type=BotRegistered`, {
      headers: { authorization: `Bearer ${auditorKey}` },
      signal: leaving.signal,
    });
    expect(response.status).toBe(200);
    leaving.abort();
    await waitFor('the end in the log', async () =>
      (await accesses()).some(
        ({ state, query }) => state === 'cut' && (query as Access)['follow'] === 'true',
      ),
    );
  });

  it('does not record refused reads, nor reads by bots', async () => {
    const before = (await accesses()).length;
    const bot = await verbatim.createBot('four');
    await verbatim.request('GET', '/v1/bots?colour=red');
    await verbatim.request('GET', '/v1/channels/general/messages', undefined, bot);
    expect(await accesses()).toHaveLength(before);
  });
});

/** The metric that counts one kind of refused attempt to pause a projection. */
const counted = (code: string, role: string): string =>
  `verbatim_refused_attempts_total{code="${code}",route="POST /v1/projections/:name/pause",role="${role}"}`;

describe('the trail of admin acts', () => {
  it('records acts on projections, with the key that did them, before they are answered', async () => {
    const { body } = await verbatim.request('POST', '/v1/keys', { role: 'admin' });
    const { keyId, key } = body as { keyId: string; key: string };
    const asked = [
      ['pause', {}],
      ['resume', {}],
      ['recount', {}],
      ['revert', {}],
      ['rebuild', {}],
      ['rebuild', { acceptDifferences: true }],
    ] as const;
    for (const [action, more] of asked)
      await verbatim.request('POST', `/v1/projections/bots/${action}`, more, key);
    const path = '/v1/audit/events?stream=audit-acts';
    const { text } = await verbatim.request('GET', path, undefined, auditorKey);
    const events = text
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { data: unknown }).data);
    expect(events).toEqual(
      ['pause', 'resume', 'recount', 'revert', 'rebuild', 'accept'].map((action) => ({
        act: `projection.${action}`,
        subject: 'bots',
        keyId,
      })),
    );
  });

  it('counts refused acts by route and role, and logs them by key and address, without secrets', async () => {
    const bot = await verbatim.createBot('five');
    const [, , keyId, secret] = bot.split('.');
    for (const name of ['one', 'two', 'three'])
      await verbatim.request('POST', `/v1/projections/${name}/pause`, {}, bot);
    await verbatim.request('POST', '/v1/projections/one/pause', {}, 'nonsense');
    const metrics = await (await fetch(`${verbatim.url}/metrics`)).text();
    expect(metrics).toContain(`${counted('forbidden', 'bot')} 3`);
    expect(metrics).toContain(`${counted('unauthenticated', 'not a key')} 1`);
    await waitFor('the log', () => verbatim.output().includes(`"keyId":"${keyId}"`));
    expect(verbatim.output()).not.toContain(secret);
  });
});
