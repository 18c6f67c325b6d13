import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startRoles, type Role, type Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';

const CHANNEL = 'started-by-nest';
/** The Nest CLI's `bin/nest.js`, to have the CLI itself build and start each role. */
const NEST_CLI = process.env['VERBATIM_TEST_NEST_CLI'];

type Project = Readonly<{ sourceRoot: string; entryFile?: string }>;
const { projects } = JSON.parse(readFileSync('nest-cli.json', 'utf8')) as {
  projects: Readonly<Record<string, Project>>;
};

/** What `nest start` runs once it has built a project: the entry file below the project's sources, else below `dist`. */
const commandFor = (role: Role): readonly string[] => {
  if (NEST_CLI) return [process.execPath, NEST_CLI, 'start', role];
  const { sourceRoot, entryFile = 'main' } = projects[role]!;
  const below = join('dist', sourceRoot, entryFile);
  const file = existsSync(`${below}.js`) ? below : join('dist', entryFile);
  return [process.execPath, '--enable-source-maps', file];
};

let roles: Roles;
let bot: TestBot | undefined;
beforeAll(async () => {
  roles = await startRoles({ gateways: 1, projectors: 1, admins: 1, audits: 1, commandFor });
});
afterAll(async () => {
  bot?.close();
  await roles?.remove();
});

it('each role that `nest start` starts does its part for a post', async () => {
  const [gateway, admin, audit] = [roles.gateways[0]!, roles.admins[0]!, roles.audits[0]!];
  await gateway.api.createChannel(CHANNEL);
  const key = await gateway.api.createBot('alice');
  await gateway.api.addMember(CHANNEL, 'alice');
  bot = await TestBot.connect(gateway.api.url, { key });
  await bot.untilCaughtUp(CHANNEL);
  await bot.untilSeq(CHANNEL, await bot.say(CHANNEL, 'delivered'));
  expect(bot.messages(CHANNEL).at(-1)).toMatchObject({ bot: 'alice', body: 'delivered' });
  await waitFor('the read model', async () => {
    const { text } = await admin.api.request('GET', `/v1/messages?channel=${CHANNEL}`);
    return text.includes('delivered');
  });
  expect((await audit.api.request('GET', '/v1/audit/events')).text).toContain('delivered');
  for (const { api } of [admin, audit, roles.projectors[0]!])
    expect((await api.request('POST', '/v1/messages', {}, key)).status).toBe(404);
});
