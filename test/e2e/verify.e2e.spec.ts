import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startRoles, type Roles } from '#tools/harness/system/roles.js';
import { runVerbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

const BODIES = ['one', 'two', 'three'];

let roles: Roles;
let operator: pg.Client;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-verify-'));
  roles = await startRoles({ wholes: 1 });
  operator = new pg.Client({ connectionString: roles.postgres.url });
  await operator.connect();
}, 120_000);
afterAll(async () => {
  await operator?.end();
  await roles?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `verbatim audit verify`, and resolves with its exit code and report. */
const verify = async (
  ...args: string[]
): Promise<[code: number | null, report: unknown, printed: string]> => {
  const { port } = roles.wholes[0]!;
  const env = { VERBATIM_URL: `http://127.0.0.1:${port}`, VERBATIM_KEY: roles.adminKey };
  const report = join(folder, 'report.json');
  const running = runVerbatim(['audit', 'verify', ...args, '--json', report], { ...process.env, ...env });
  const { code } = await running.exitWithin(120_000);
  return [code, JSON.parse(await readFile(report, 'utf8')), running.output()];
};

/** Posts some messages, and waits until they are in the read model and a checkpoint covers them. */
const post = async (): Promise<void> => {
  const { api } = roles.wholes[0]!;
  await api.createChannel('audited');
  const key = await api.createBot('alice');
  await api.addMember('audited', 'alice');
  const bot = await TestBot.connect(api.url, { key });
  for (const body of BODIES) await bot.must('post', { id: uuidv7(), channel: 'audited', body });
  bot.close();
  await waitFor('the read model', async () => {
    const { body } = await api.request('GET', '/v1/messages?channel=audited');
    return (body['items'] as unknown[]).length === BODIES.length;
  });
  const signed = async () => (await api.request('GET', '/v1/audit/log/checkpoint')).status === 200;
  await waitFor('a checkpoint', signed, 30_000);
};

it('a row that somebody has changed in PostgreSQL is named, and nothing else', async () => {
  await post();
  const [code, whole] = await verify('--read-models');
  expect([code, whole]).toEqual([0, expect.objectContaining({ result: 'verified' })]);
  const { readModels } = whole as { readModels: { name: string; differences: unknown[] }[] };
  expect(readModels.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['messages', 'bots', 'channels']),
  );
  expect(readModels.flatMap(({ differences }) => differences)).toEqual([]);

  const { rows } = await operator.query<{ name: string }>(
    `SELECT name || '_g' || generation AS name FROM projection_builds WHERE name = 'messages' AND active`,
  );
  const changed = await operator.query(
    `UPDATE ${rows[0]!.name} SET body = 'TWO' WHERE channel = 'audited' AND body = 'two'`,
  );
  expect(changed.rowCount).toBe(1);

  const [harmed, report, printed] = await verify('--read-models');
  expect(harmed).toBe(1);
  expect(report).toMatchObject({ result: 'not_verified', log: { result: 'verified', findings: [] } });
  const { readModels: compared } = report as { readModels: typeof readModels };
  expect(compared.filter(({ differences }) => differences.length > 0)).toEqual([
    {
      name: 'messages',
      differences: [{ table: 'messages', rows: 1, keys: [expect.objectContaining({ channel: 'audited' })] }],
    },
  ]);
  expect(printed).toMatch(/read model messages +1 rows of messages differ from the log: .*audited/);
});
