import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

/** Number of messages that edits and redactions may target. */
const TARGETS = 32;

/** The setting for all groups: names that no other run uses, a bot for each transport, and one that watches. */
export type Scene = Readonly<{
  api: VerbatimApi;
  channel: string;
  /** A bot that never connects; requests of admins are tried on it. */
  spare: string;
  startedAt: string;
  keys: Readonly<{ http: string; socket: string }>;
  /** Ids of messages by the Socket.IO bot. A request that changes a message removes its id. */
  targets: string[];
  bot: TestBot;
  watcher: TestBot;
  close(): void;
}>;

export const openScene = async (api: VerbatimApi, runId: string): Promise<Scene> => {
  const channel = `edges-${runId}`;
  const [http, socket, watch, spare] = ['http', 'socket', 'watch', 'spare'].map(
    (role) => `${channel}-${role}`,
  ) as [string, string, string, string];
  await api.createChannel(channel);
  const keys = await Promise.all([http, socket, watch, spare].map((bot) => api.createBot(bot)));
  await Promise.all([http, socket, watch].map((bot) => api.addMember(channel, bot)));
  const [bot, watcher] = await Promise.all([
    TestBot.connect(api.url, { key: keys[1], consumer: 'asks' }),
    TestBot.connect(api.url, { key: keys[2] }),
  ]);
  await Promise.all([bot.untilCaughtUp(channel), watcher.untilCaughtUp(channel)]);
  const targets = Array.from({ length: TARGETS }, () => uuidv7());
  for (const id of targets) await bot.must('post', { id, channel, body: 'to be changed' });
  return {
    api,
    channel,
    spare,
    startedAt: new Date().toISOString(),
    keys: { http: keys[0]!, socket: keys[1]! },
    targets,
    bot,
    watcher,
    close: () => [bot, watcher].forEach((one) => one.close()),
  };
};
