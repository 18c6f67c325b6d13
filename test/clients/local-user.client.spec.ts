import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { makeHome } from '#tools/harness/system/home.js';
import { runVerbatim, startVerbatim, type Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { hashKey, issueKey } from '#libs/platform/keys/access-key.js';
import { tryAsNobody, type Attempt } from '#test/support/local-user/as-nobody.js';
import { everythingIn } from '#test/support/local-user/everything-in.js';
import { pidWith, portsOf } from '#test/support/local-user/processes.js';
import { secretsOf } from '#tools/harness/secrets/secrets-of.js';
import { gossipCall, storeCalls } from '#test/support/local-user/store-attempts.js';
import { newEvent } from '#test/support/new-event.js';

const STORE = 'embedded-event-store/main.js';
const SECRET_WORDS = 'words for members only';
const forged = issueKey({ role: 'admin' });
const planted: NewEvent = {
  ...newEvent(),
  type: 'OperatorKeyIssued',
  data: { role: 'admin', keyId: forged.keyId, hash: hashKey(forged.key) },
};
const basic = (words: string): string => `Basic ${Buffer.from(words).toString('base64')}`;

/**
 * Tests what another user of the machine, `nobody`, can reach of a Verbatim. Needs root, because there must be two
 * users.
 */
describe('another user of the machine', () => {
  let verbatim: Verbatim;
  let member: string;
  let storePort: number;
  let pids: number[];

  beforeAll(async () => {
    const umask = process.umask(0);
    try {
      verbatim = await startVerbatim({ home: await makeHome() });
    } finally {
      process.umask(umask);
    }
    member = await verbatim.createBot('alice');
    await verbatim.createChannel('private', 'private');
    await verbatim.addMember('private', 'alice');
    const bot = await TestBot.connect(verbatim.url, { key: member });
    await bot.say('private', SECRET_WORDS);
    bot.close();
    pids = verbatim.process.tree.living();
    [storePort] = portsOf(pidWith(pids, STORE)) as [number];
  });

  afterAll(async () => {
    await verbatim?.remove();
  });

  const calls = Object.entries(storeCalls('messages-private', planted));
  const onStore = (url: string, authorization?: string): Attempt[] =>
    calls.map(([, call]) => ({ ...call, url, ...(authorization && { authorization }) }));
  const appendKey = (url: string): Attempt => ({
    ...storeCalls('keys-admin', planted)['append by batch']!,
    url,
  });

  it('gets into a store that asks for no password, so the attempts do work', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verbatim-open-store-'));
    const store = runVerbatim(['event-store', '--data', join(folder, 'data'), '--port', '0'], process.env);
    try {
      await waitFor('the store', () => store.output().includes('"ready":true'), 30_000);
      const url = `http://127.0.0.1:${/"port":(\d+)/.exec(store.output())?.[1]}`;
      await tryAsNobody([{ ...storeCalls('messages-private', planted)['append by batch']!, url }]);
      const results = await tryAsNobody(onStore(url));
      expect(results.map(({ outcome }) => outcome)).toEqual(calls.map(() => 'grpc 0'));
      expect(results[0]!.bytes).toBeGreaterThan(100);
      expect(store.output()).toMatch(/warning: it asks for no password/);
    } finally {
      store.tree.kill();
      await store.gone();
      await rm(folder, { recursive: true });
    }
  });

  it('gets nothing from the store by reading, appending or deleting, neither without a password nor with a usual one', async () => {
    const url = `https://127.0.0.1:${storePort}`;
    const without = await tryAsNobody([...onStore(url), appendKey(url)]);
    // 7 is PERMISSION_DENIED.
    expect(without.map(({ outcome }) => outcome)).toEqual([...calls.map(() => 'grpc 7'), 'grpc 7']);
    expect(without.every(({ bytes }) => bytes === 0)).toBe(true);
    const guesses = ['admin:changeit', 'ops:changeit', 'admin:', ':', `admin:${verbatim.adminKey}`];
    const guessed = await tryAsNobody(guesses.flatMap((guess) => onStore(url, basic(guess))));
    expect(new Set(guessed.map(({ outcome }) => outcome))).toEqual(new Set(['http 401']));
    const plain = await tryAsNobody(onStore(`http://127.0.0.1:${storePort}`));
    expect(plain.filter(({ outcome, bytes = 0 }) => outcome.startsWith('grpc') || bytes > 0)).toEqual([]);
  });

  it('learns from the store only its address, which every caller knows already', async () => {
    const url = `https://127.0.0.1:${storePort}`;
    const [heard] = await tryAsNobody([{ ...gossipCall(), url }]);
    expect(heard!.outcome).toBe('grpc 0');
    expect(heard!.bytes).toBeLessThan(120);
  });

  it('does not become an admin by a forged key, and messages stay as they were', async () => {
    const { status } = await verbatim.request('GET', '/v1/bots', undefined, forged.key);
    expect(status).toBe(401);
    const history = await verbatim.request('GET', '/v1/channels/private/messages', undefined, member);
    const { items } = history.body as { items: { body: string }[] };
    expect(items.map(({ body }) => body)).toEqual([SECRET_WORDS]);
  });

  it('must give PostgreSQL a password under every name, and finds no socket of it', async () => {
    const [port] = portsOf(pidWith(pids, '/postgres')) as [number];
    const users = ['verbatim', 'postgres', 'nobody', 'root'];
    const asked = await tryAsNobody([
      ...users.map((user) => ({ kind: 'postgres', port, user, database: 'verbatim' }) as const),
      { kind: 'file', path: `/tmp/.s.PGSQL.${port}` },
      { kind: 'file', path: `/run/postgresql/.s.PGSQL.${port}` },
    ]);
    expect(asked.map(({ outcome }) => outcome)).toEqual([...users.map(() => 'asks 10'), '', '']);
  });

  it('can do nothing with any file of the data folder', async () => {
    const paths = everythingIn(verbatim.home.dataDir).map(({ path }) => path);
    expect(paths.some((path) => path.endsWith('/admin.key'))).toBe(true);
    expect(paths.length).toBeGreaterThan(50);
    const results = await tryAsNobody(paths.map((path) => ({ kind: 'file', path })));
    // The folder itself can be seen, because its parent folder is open to others.
    expect(results[0]).toEqual({ outcome: 'see' });
    expect(results.slice(1).filter(({ outcome }) => outcome !== '')).toEqual([]);
  });

  it('learns nothing from the variables, files, memory or arguments of the processes', async () => {
    const closed = ['environ', 'fd', 'cwd', 'exe', 'root', 'mem', 'maps', 'io'];
    const results = await tryAsNobody(
      pids.flatMap((pid) => closed.map((name) => ({ kind: 'file', path: `/proc/${pid}/${name}` }) as const)),
    );
    expect(results.filter(({ outcome }) => outcome !== '' && outcome !== 'see')).toEqual([]);
    const open = pids.flatMap((pid) =>
      ['cmdline', 'comm', 'status'].map((name) => ({ kind: 'show', path: `/proc/${pid}/${name}` }) as const),
    );
    const shown = (await tryAsNobody(open)).map(({ outcome }) => outcome).join('\n');
    expect(shown).toContain(STORE);
    for (const secret of secretsOf(verbatim.home.dataDir)) expect(shown).not.toContain(secret);
  });
});
