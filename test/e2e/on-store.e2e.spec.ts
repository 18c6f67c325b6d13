import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { RunningProcess } from '#tools/harness/processes/running-process.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/test/on-store/main.js', import.meta.url));
const SWC = createRequire(import.meta.url).resolve('@swc/cli/bin/swc.js');
const LIMIT_MS = 240_000;

/** Runs `npm run test:on-store` on stores that another Verbatim already uses. The tests build on one another. */
describe('a trial on stores that another Verbatim uses', () => {
  let roles: Roles;
  let store: EventStore;
  let database: pg.Client;
  let before: Readonly<Record<string, unknown>>;
  let scope: string;

  beforeAll(async () => {
    const sources = ['test/on-store', 'test/faults/read-log.ts', '--out-dir', 'dist', '--quiet'];
    await promisify(execFile)(process.execPath, [SWC, ...sources], { cwd: ROOT });
    roles = await startRoles({ wholes: 1 });
    store = new EventStore({ connectionString: roles.eventStoreUrl });
    database = new pg.Client({ connectionString: roles.postgres.url });
    await database.connect();
    const { api } = roles.wholes[0]!;
    const key = await api.createBot('alice');
    await api.addMember('general', 'alice');
    const alice = await TestBot.connect(api.url, { key });
    await alice.say('general', 'was here before');
    alice.close();
    before = await others();
  }, LIMIT_MS);

  afterAll(async () => {
    await database?.end();
    await store?.close();
    await roles?.remove();
  });

  const run = async (
    args: readonly string[],
    postgresUrl = roles.postgres.url,
  ): Promise<{ code: number | null; output: string }> => {
    const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('VERBATIM'));
    const running = new RunningProcess([process.execPath, MAIN, ...args], {
      ...Object.fromEntries(ours),
      VERBATIM_EVENTSTORE_URL: roles.eventStoreUrl,
      VERBATIM_POSTGRES_URL: postgresUrl,
    });
    try {
      const { code } = await running.exitWithin(LIMIT_MS);
      return { code, output: running.output() };
    } finally {
      running.tree.kill();
      await running.gone();
    }
  };
  /** Returns what the other Verbatim has: the streams that only people and bots change, and who has access. */
  const others = async (): Promise<Readonly<Record<string, unknown>>> => {
    const found: Record<string, unknown> = {};
    for (const stream of ['keys-admin', 'channel-general', 'messages-general', 'bot-alice']) {
      const events = [];
      for await (const { type, data } of store.readStream(stream)) events.push({ type, data });
      found[stream] = events;
    }
    const { rows } = await database.query('SELECT seq, bot, body FROM messages');
    return { ...found, messages: rows };
  };
  const streamsOfTrial = async (): Promise<Set<string>> => {
    const names = new Set<string>();
    for await (const { stream } of store.readAll()) if (stream.startsWith(`${scope}.`)) names.add(stream);
    return names;
  };
  const schemas = async (): Promise<unknown[]> =>
    (await database.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'verbatim%'`)).rows;

  it(
    'succeeds in everything it tries, and says so',
    async () => {
      const { code, output } = await run([]);
      expect([code, output]).toEqual([0, expect.stringMatching(/Everything held: (\d+) of \1\.$/m)]);
      expect(output).not.toContain(new URL(roles.postgres.url).password);
      scope = /test:on-store -- --remove (\w+)$/m.exec(output)![1]!;
      expect(await schemas()).toEqual([{ nspname: `verbatim_${scope}` }]);
      expect(await streamsOfTrial()).toContain(`${scope}.keys-admin`);
    },
    LIMIT_MS,
  );

  it('changes nothing that belongs to the other one', async () => {
    expect(await others()).toEqual(before);
  });

  it('is removed by the command that it prints, and under no other name', async () => {
    const wrong = await run(['--remove', 'messages']);
    expect([wrong.code, wrong.output]).toEqual([1, expect.stringContaining('not the name of a trial')]);
    const streams = await streamsOfTrial();
    const { code, output } = await run(['--remove', scope]);
    expect([code, output]).toEqual([0, expect.stringContaining(`Removed: ${streams.size} streams`)]);
    for (const stream of streams) {
      for await (const { type } of store.readStream(stream))
        expect.unreachable(`${stream} still has ${type}`);
    }
    expect(await schemas()).toEqual([]);
    expect(await others()).toEqual(before);
  });

  it('that fails says what failed and why, and leaves nothing running', async () => {
    await database.query(`CREATE ROLE guest LOGIN PASSWORD 'guest'`);
    const url = new URL(roles.postgres.url);
    url.username = 'guest';
    url.password = 'guest';
    const { code, output } = await run([], url.href);
    expect(code).toBe(1);
    expect(output).toMatch(/NOT HELD {2}A schema is made: .*GRANT CREATE ON DATABASE/);
    expect(output).toMatch(/^1 did not hold: 0 of 1\.$/m);
  });
});
