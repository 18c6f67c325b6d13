import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { freePort } from '#libs/platform/free-port.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { sequence } from '../support/sequence.js';
import { SmallDisk } from '../support/small-disk.js';

const CHANNEL = 'general';
/** Enough space for a PostgreSQL and some messages. */
const MEBIBYTES = 160;
/** Verbatim notices and reports a full disk within a second. The limit leaves room for a busy machine. */
const SAID_WITHIN_MS = 3_000;

const REFUSAL = { ok: false, error: { code: 'store_unavailable', status: 503, retryable: true } };

describe('a system whose disk is full', () => {
  let disk: SmallDisk;
  let verbatim: Verbatim;
  let bot: TestBot;

  beforeAll(async () => {
    disk = new SmallDisk(MEBIBYTES);
    const home = { dataDir: join(disk.folder, 'data'), port: await freePort(), remove: async () => {} };
    verbatim = await startVerbatim({ home, env: { VERBATIM_DISK_RESERVE: '20 MiB' } });
    bot = await TestBot.connect(verbatim.url, { key: await verbatim.createBot('alice') });
  });

  afterAll(async () => {
    bot?.close();
    await verbatim?.remove();
    disk?.remove();
  });

  const post = (body: string): Promise<Reply> =>
    bot.socket
      .timeout(40_000)
      .emitWithAck('post', { id: uuidv7(), channel: CHANNEL, body }) as Promise<Reply>;

  const notices = (code: string): number =>
    bot.all('notice').filter((notice) => notice['code'] === code).length;

  const readiness = async (): Promise<number> => (await fetch(`${verbatim.url}/health/ready`)).status;

  it('reports it at once, refuses posts at once, still answers reads, and recovers by itself once there is room, twice in a row', async () => {
    await bot.must('join', { channel: CHANNEL });
    let acknowledged = 0;
    for (let round = 1; round <= 2; round += 1) {
      expect(await post('well')).toMatchObject({ ok: true });
      acknowledged += 1;
      disk.fill();
      await waitFor('readiness to say it', async () => (await readiness()) === 503, SAID_WITHIN_MS);
      let reply = await post('x');
      while (reply.ok) {
        acknowledged += 1;
        reply = await post('x'); // posts that still fit into the last page are accepted
      }
      expect(reply).toMatchObject(REFUSAL);
      await waitFor('the notice', () => notices('store_unavailable') === round, SAID_WITHIN_MS);
      expect(await bot.must('history', { channel: CHANNEL, limit: 1 })).toMatchObject({
        messages: [{ channel: CHANNEL }],
      });
      disk.makeRoom();
      await waitFor('the notice', () => notices('store_restored') === round, SAID_WITHIN_MS);
    }
    expect(await post('at last')).toMatchObject({ ok: true });
    await waitFor('readiness', async () => (await readiness()) === 200, SAID_WITHIN_MS);
    await bot.untilSeq(CHANNEL, acknowledged);
    expect(bot.seqs(CHANNEL)).toEqual(sequence(0, acknowledged));
    expect(verbatim.output()).toMatch(/no event can be written: the disk is full/u);
  }, 60_000);
});
