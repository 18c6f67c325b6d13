import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runVerbatim, startVerbatim } from '#libs/harness/system/verbatim.js';
import { environmentFor } from '#libs/harness/system/home.js';
import type { Verbatim } from '#libs/harness/system/verbatim.js';

let verbatim: Verbatim;

beforeAll(async () => {
  verbatim = await startVerbatim();
  for (const bot of ['one', 'two']) await verbatim.createBot(bot);
});

afterAll(() => verbatim?.remove());

/** What a command prints. */
const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
  const running = runVerbatim(args, environmentFor(verbatim.home, env));
  expect({ ...(await running.exitWithin(20_000)), printed: running.stderr() }).toEqual({
    code: 0,
    signal: null,
    printed: '',
  });
  return running.output();
};

it('an auditor’s key is made, and the log replayed and exported with it', async () => {
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
