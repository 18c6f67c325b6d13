import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminApi } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';
import { TestConsole } from '#test/support/test-console.js';
import { waitFor } from '#tools/harness/wait-for.js';

const postgres = usePostgres();
let api: AdminApi;
const open: TestConsole[] = [];

beforeEach(async () => {
  api = await AdminApi.start(postgres);
  channel('general');
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await api?.stop();
});

const connect = async (key: string | undefined = 'admin-key'): Promise<TestConsole> => {
  const connected = await TestConsole.connect(api.base, key, (path) => api.get(path));
  open.push(connected);
  return connected;
};
const channel = (name: string): string =>
  api.happened(`channel-${name}`, 'ChannelOpened', { channel: name, visibility: 'public' });
const bot = (name: string): string => api.happened(`bot-${name}`, 'BotRegistered', { bot: name });
const pushed = (to: TestConsole): string[] =>
  to.pushes.flatMap(({ channels, bots }) => [
    ...channels.map((item) => item.channel),
    ...bots.map((item) => item.bot),
  ]);
const firstPush = (to: TestConsole) => waitFor('the first push', () => to.pushes[0]);

describe('the namespace /admin', () => {
  it('greets, asks the console to read both lists, and shows every projection', async () => {
    const console = await connect();
    const first = await firstPush(console);
    expect(console.hellos).toEqual([{ connection: console.socket.id, version: 'v1', everyMs: 1_000 }]);
    expect(first).toMatchObject({ channels: [], bots: [], reload: ['channels', 'bots'] });
    expect(first.projections.map(({ name }) => name)).toContain('messages');
  });

  it('pushes items as their lists show them, once they have changed', async () => {
    const console = await connect();
    await firstPush(console);
    bot('alice');
    channel('news');
    api.posted('general', 'alice', 'one');
    await waitFor('the changes', () =>
      ['alice', 'news', 'general'].every((name) => pushed(console).includes(name)),
    );
    const [channels, bots] = [await api.fresh('/channels'), await api.fresh('/bots')];
    expect(console.pushes.flatMap((push) => push.channels)).toEqual(
      expect.arrayContaining(channels.body.items),
    );
    expect(console.pushes.flatMap((push) => push.bots)).toEqual(bots.body.items);
    const connection = { bot: 'alice', consumer: 'default', connection: 'c', gateway: 'g' };
    api.happened('presence-alice', 'BotConnected', connection);
    await waitFor('the presence', () => pushed(console).filter((name) => name === 'alice').length === 2);
    expect(console.pushes.flatMap((push) => push.bots).at(-1)).toMatchObject({
      presence: { state: 'online' },
    });
  });

  it('tells how many messages became visible, by channel', async () => {
    const console = await connect();
    await firstPush(console);
    for (const body of ['one', 'two', 'three']) api.posted('general', 'alice', body);
    const sum = (): number => console.pushes.reduce((all, { rates }) => all + (rates?.messages ?? 0), 0);
    await waitFor('the messages', () => sum() === 3);
    const busy = console.pushes.flatMap(({ rates }) => rates?.channels ?? []);
    expect(new Set(busy.map((each) => each.channel))).toEqual(new Set(['general']));
  });

  it('sends a console that does not acknowledge nothing more, then what changed meanwhile, each once', async () => {
    const [slow, fast] = [await connect(), await connect()];
    await Promise.all([firstPush(slow), firstPush(fast)]);
    slow.hold();
    await waitFor('a push that is held', () => slow.isHolding);
    const held = slow.pushes.length;
    for (const body of ['one', 'two']) {
      api.posted('general', 'alice', body);
      const seen = fast.pushes.length;
      await waitFor('the other to be told', () =>
        fast.pushes.slice(seen).some((push) => push.channels.length > 0),
      );
    }
    expect(slow.pushes.length).toBe(held);
    slow.release();
    await waitFor('what changed', () => slow.pushes.length > held);
    const changed = slow.pushes.slice(held).flatMap((push) => push.channels);
    expect(changed).toMatchObject([{ channel: 'general', head: 1 }]);
  });

  it('asks a console that is far behind to read the list again', async () => {
    const console = await connect();
    await firstPush(console);
    console.hold();
    await waitFor('a push that is held', () => console.isHolding);
    const held = console.pushes.length;
    for (let i = 0; i <= 1_000; i += 1) bot(`bot${i}`);
    await api.fresh('/bots?limit=1');
    console.release();
    const next = await waitFor('the push after', () => console.pushes[held]);
    expect([next.reload, next.bots]).toEqual([['bots'], []]);
    await waitFor('all bots to be shown', () => console.shown.bots.size === 1_001, 20_000);
  });

  it('says when PostgreSQL is down and when it is back, and then pushes what changed in the meantime', async () => {
    const console = await connect();
    await firstPush(console);
    await postgres.stop('crash');
    await waitFor('the notice', () => console.notices.length === 1);
    bot('meanwhile');
    const late = await connect();
    await waitFor('the notice', () => late.notices.length === 1);
    await postgres.start();
    await waitFor('the change', () => pushed(console).includes('meanwhile'), 30_000);
    await waitFor('the late one to see it', () => late.shown.bots.has('meanwhile'), 30_000);
    expect([console, late].map(({ notices }) => notices.map(({ code }) => code))).toEqual(
      Array.from({ length: 2 }, () => ['read_model_unavailable', 'read_model_restored']),
    );
  });

  it('closes a connection whose key was withdrawn, and records who watched', async () => {
    const console = await connect();
    await firstPush(console);
    bot('alice');
    await waitFor('the change', () => pushed(console).includes('alice'));
    api.revoke('admin-key');
    await waitFor('the end', () => !console.socket.connected);
    expect(console.notices.at(-1)?.code).toBe('access_withdrawn');
    await waitFor('the record', () => api.accesses.length === 2);
    expect(api.accesses).toMatchObject([
      { path: '/admin', role: 'admin', keyId: 'k', state: 'begun' },
      { path: '/admin', role: 'admin', keyId: 'k', state: 'done', count: 1 },
    ]);
  });

  it.each([
    ['bot-key', 'forbidden'],
    ['nobody', 'unauthenticated'],
    [undefined, 'unauthenticated'],
  ])('refuses %s: %s', async (key, code) => {
    await expect(connect(key ?? '')).rejects.toMatchObject({ data: { code } });
  });

  it('lets a key have fifty consoles, however many ask at once, and others then have theirs', async () => {
    const asked = Array.from({ length: 70 }, () => connect());
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(20);
    expect(refused[0]).toMatchObject({ data: { code: 'rate_limited', status: 429 } });
    await firstPush(await connect('other-admin-key'));
    // The places of consoles that left, in whatever way, are free again.
    open[0]!.socket.disconnect();
    open[1]!.socket.io.engine.close();
    await waitFor('two places', async () => {
      const back = await Promise.allSettled([connect(), connect()]);
      return back.every(({ status }) => status === 'fulfilled');
    });
    await expect(connect()).rejects.toMatchObject({ data: { code: 'rate_limited' } });
  });

  it('answers every request with an error, because it takes none', async () => {
    const { socket } = await connect();
    expect(await socket.timeout(5_000).emitWithAck('channels', {})).toMatchObject({
      ok: false,
      error: { code: 'unknown_event' },
    });
    expect(socket.connected).toBe(true);
  });
});
