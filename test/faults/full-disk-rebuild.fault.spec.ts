import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { freePort } from '#libs/platform/free-port.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { SmallDisk } from '../support/small-disk.js';

type Item = Readonly<Record<string, unknown>>;

const CHANNEL = 'general';
const MEBIBYTES = 200;
const MESSAGES = 400;
const BODY = 'a long word '.repeat(600);
/** Verbatim reports a full disk within a second. The limit leaves room for a busy machine. */
const SAID_WITHIN_MS = 3_000;
const RECOVERS_WITHIN_MS = 60_000;

describe('a system whose disk becomes full while a read model is built', () => {
  let disk: SmallDisk;
  let verbatim: Verbatim;
  let bot: TestBot;

  beforeAll(async () => {
    disk = new SmallDisk(MEBIBYTES);
    const home = { dataDir: join(disk.folder, 'data'), port: await freePort(), remove: async () => {} };
    verbatim = await startVerbatim({ home, env: { VERBATIM_DISK_RESERVE: '1 MiB' } });
    bot = await TestBot.connect(verbatim.url, { key: await verbatim.createBot('alice') });
    await bot.must('join', { channel: CHANNEL });
  });
  afterAll(async () => {
    bot?.close();
    await verbatim?.remove();
    disk?.remove();
  });

  const post = (body: string): Promise<unknown> => bot.must('post', { id: uuidv7(), channel: CHANNEL, body });
  const messages = async (): Promise<Item> => {
    const { body } = await verbatim.request('GET', '/v1/projections');
    return (body['items'] as Item[]).find(({ name }) => name === 'messages')!;
  };
  const isLive = async (): Promise<Item | false> => {
    const item = await messages().catch((): Item => ({}));
    return item['status'] === 'live' && item['rebuild'] === undefined && item;
  };
  const health = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${verbatim.url}/health/ready`);
    return { status: answer.status, text: await answer.text() };
  };
  const found = async (since: string): Promise<unknown[]> => {
    const { body } = await verbatim.request('GET', `/v1/messages?channel=${CHANNEL}&from=${since}`);
    return ((body['items'] ?? []) as Item[]).map((item) => item['body']);
  };

  it('says so at once and builds it to its end once there is room, also if the disk was full before', async () => {
    for (let i = 0; i < MESSAGES; i += 1) await post(`${i} ${BODY}`);
    let { generation } = await waitFor('the read model', isLive, RECOVERS_WITHIN_MS);
    for (const when of ['during', 'before'] as const) {
      const rebuild = () => verbatim.request('POST', '/v1/projections/messages/rebuild', {});
      if (when === 'during') {
        expect((await rebuild()).status).toBeLessThan(300);
        await waitFor('the build to begin', async () => 'rebuild' in (await messages()), 10_000, 1);
      }
      disk.fill();
      await waitFor('health to say it', async () => (await health()).status === 503, SAID_WITHIN_MS);
      expect((await health()).text).toContain('disk');
      expect(await messages()).toMatchObject({ generation });
      if (when === 'before') await rebuild().catch(() => undefined);
      disk.makeRoom();
      await waitFor('readiness', async () => (await health()).status === 200, RECOVERS_WITHIN_MS);
      if (when === 'before')
        await waitFor('the request', async () => (await rebuild()).status < 300, RECOVERS_WITHIN_MS);
      await waitFor(
        'the new build to be the active one',
        async () => {
          const item = await isLive();
          return item && item['generation'] !== generation && (generation = item['generation']);
        },
        RECOVERS_WITHIN_MS,
      );
      const since = new Date(Date.now() - 1_000).toISOString();
      await post(`after a disk that was full ${when}`);
      const isFound = async (): Promise<boolean> =>
        (await found(since)).includes(`after a disk that was full ${when}`);
      await waitFor('what is new', isFound, RECOVERS_WITHIN_MS);
    }
  }, 300_000);
});
