import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '#libs/platform/free-port.js';
import type { Home } from '#tools/harness/system/home.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { fillLog } from './fill-log.js';
import { say } from './harness/results.js';
import { startSystem } from './harness/system.js';

/** A bot with its own channel and this many messages in it. */
export type Reader = Readonly<{ bot: string; channel: string; key: string; messages: number }>;
export type FilledHome = Readonly<{ home: Home; readers: readonly Reader[] }>;

/**
 * Returns a data folder whose log holds this many messages over this many channels, projected and cleanly stopped. It
 * is made once and kept under `keep`, because a million messages take minutes.
 */
export const filledHome = async (keep: string, messages: number, channels: number): Promise<FilledHome> => {
  const folder = join(keep, `log-of-${messages}`);
  const home: Home = {
    dataDir: join(folder, 'data'),
    port: await freePort(),
    remove: () => Promise.resolve(),
  };
  const complete = join(folder, 'readers.json');
  if (!existsSync(complete)) {
    // The folders above the data must be accessible to PostgreSQL's own user.
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const readers = await makeReaders(home, messages, channels);
    await fill(home, readers, messages);
    await project(home, readers);
    await writeFile(complete, JSON.stringify(readers));
  }
  return { home, readers: JSON.parse(await readFile(complete, 'utf8')) as Reader[] };
};

const makeReaders = async (home: Home, messages: number, channels: number): Promise<Reader[]> => {
  const { system } = await startSystem(home);
  const readers: Reader[] = [];
  for (let index = 0; index < channels; index += 1) {
    const [bot, channel] = [`reader-${index}`, `filled-${index}`];
    await system.createChannel(channel);
    const key = await system.createBot(bot);
    await system.addMember(channel, bot);
    readers.push({ bot, channel, key, messages: messages / channels });
  }
  await system.stopSystem();
  return readers;
};

const fill = async (home: Home, readers: readonly Reader[], messages: number): Promise<void> => {
  const began = performance.now();
  let said = 0;
  await fillLog(join(home.dataDir, 'event-store'), readers, messages / readers.length, (written) => {
    if (written - said < 100_000) return;
    said = written;
    say(`  ${written} messages, ${Math.round(written / ((performance.now() - began) / 1_000))}/s`);
  });
};

/** Lets the projections catch up, so that a system at rest is measured. */
const project = async (home: Home, readers: readonly Reader[]): Promise<void> => {
  const { system, readyMs } = await startSystem(home);
  say(`  first start over this log: ready after ${Math.round(readyMs)} ms`);
  const began = performance.now();
  const isLevel = async ({ channel, messages }: Reader): Promise<boolean> => {
    const { body } = await system.request('GET', `/v1/messages?channel=${channel}&limit=1`);
    const [newest] = (body['items'] ?? []) as { seq: number }[];
    return newest?.seq === messages - 1;
  };
  for (const reader of readers)
    await waitFor(`the read model of ${reader.channel}`, () => isLevel(reader), 600_000, 100);
  say(`  projected after ${Math.round(performance.now() - began)} ms more`);
  await system.stopSystem();
};
