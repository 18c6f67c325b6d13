import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runVerbatim, startVerbatim } from '#tools/harness/system/verbatim.js';
import { environmentFor } from '#tools/harness/system/home.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

let verbatim: Verbatim;

beforeAll(async () => {
  verbatim = await startVerbatim();
  for (const bot of ['one', 'two']) await verbatim.createBot(bot);
});

afterAll(() => verbatim?.remove());

/** Resolves with what a command prints. */
const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
  const running = runVerbatim(args, environmentFor(verbatim.home, env));
  expect({ ...(await running.exitWithin(20_000)), printed: running.stderr() }).toEqual({
    code: 0,
    signal: null,
    printed: '',
  });
  return running.output();
};

it('an auditor’s key is made, and the log is replayed and exported with it', async () => {
  const { role, key } = JSON.parse(await run(['key', 'create', 'auditor', '--json'])) as Record<
    string,
    string
  >;
  expect(role).toBe('auditor');
  const env = { VERBATIM_KEY: key! };
  const asked = ['--type', 'BotRegistered', '--format', 'csv'];
  const replayed = await run(['audit', 'replay', ...asked], env);
  expect(replayed.split('\r\n').filter((line) => line.includes('BotRegistered'))).toHaveLength(2);
  const out = join(verbatim.home.dataDir, 'bots.csv');
  const command = ['audit', 'export', ...asked, '--out', out, '--json'];
  const exported = await run(command, env);
  expect(JSON.parse(exported.trim().split('\n').at(-1)!)).toMatchObject({ events: 2, out });
  expect(await readFile(out, 'utf8')).toBe(replayed);
  await appendFile(out, '12345,cut');
  await run(command, env);
  expect(await readFile(out, 'utf8')).toBe(replayed);
});

it('an event is explained, and the log is asked what there was and what changed', async () => {
  const first = JSON.parse(await run(['audit', 'state', '--json'])) as {
    position: string;
    subjects: readonly { kind: string; name: string }[];
  };
  expect(first.subjects).toContainEqual(expect.objectContaining({ kind: 'bot', name: 'one' }));
  await verbatim.createBot('three');
  const diff = ['audit', 'diff', '--from', first.position];
  expect(await run(diff)).toMatch(/^\+ bot +three +status active/m);
  expect(await run([...diff, '--to', first.position])).not.toContain('three');
  const state = await run(['audit', 'state', '--at', first.position]);
  expect(state).toMatch(/^bot +two +status active/m);
  expect(state).not.toContain('three');
  const [registered] = (await run(['audit', 'replay', '--type', 'BotRegistered', '--bot', 'three'])).split(
    '\n',
  );
  const { id } = JSON.parse(registered!) as { id: string };
  const why = await run(['audit', 'why', id]);
  expect(why).toMatch(/BotRegistered {2}bot-three 0/);
  expect(why).toMatch(new RegExp(`by +admin ${verbatim.adminKey.split('.')[1]!}`));
  expect(JSON.parse(await run(['audit', 'why', id, '--json']))).toMatchObject({ event: { id } });
});

it('a key is listed and revoked, but the last admin key only with force', async () => {
  const made = JSON.parse(
    await run(['key', 'create', 'auditor', '--expires', '2099-01-01', '--json']),
  ) as Record<string, string>;
  const items = async (): Promise<Record<string, string>[]> =>
    (await run(['key', 'list', '--json']))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
  const mine = { keyId: made['keyId'], status: 'valid', expiresAt: '2099-01-01T00:00:00.000Z' };
  expect(await items()).toContainEqual(expect.objectContaining(mine));
  expect(await run(['key', 'revoke', made['keyId']!])).toContain('is revoked');
  expect(await run(['key', 'list'])).toMatch(new RegExp(`${made['keyId']}  auditor  revoked`));
  const tokens = ['key', 'revoke-tokens', '--subject', 'grace'];
  expect(await run([...tokens, '--issued-before', '2026-01-01'])).toMatch(
    /^The tokens issued before 2026-01-01 that sub\.[0-9a-f]{32} stands for are revoked/,
  );
  expect(await run(tokens)).toContain('are revoked');
  const ofTwo = runVerbatim([...tokens, '--bot', 'ada'], environmentFor(verbatim.home, {}));
  expect(await ofTwo.exitWithin(20_000)).toMatchObject({ code: 1 });
  expect(ofTwo.stderr()).toContain('one of --subject, --bot and --issuer');
  const last = verbatim.adminKey.split('.')[1]!;
  const refused = runVerbatim(['key', 'revoke', last], environmentFor(verbatim.home, {}));
  expect(await refused.exitWithin(20_000)).toMatchObject({ code: 1 });
  expect(refused.stderr()).toContain('No other admin key is valid');
});
