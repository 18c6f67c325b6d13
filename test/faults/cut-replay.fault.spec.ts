import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Auth } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import { makeHome } from '#tools/harness/system/home.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import type { Home } from '#tools/harness/system/home.js';
import { waitFor } from '#tools/harness/wait-for.js';

const CHANNEL = 'replayed';
/** More messages than a ring holds, so that the replay comes first from the stream and then from memory. */
const BACKLOG = 1_500;
/** Long, because other suites run at the same time. */
const PATIENCE_MS = 60_000;

/** When the connection is cut: after the nth batch, before or after acknowledging it. 0 means right after `ready`. */
type Cut = Readonly<{ after: number; acknowledged: boolean }>;

const CUTS: readonly Cut[] = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((after) => [
  { after, acknowledged: false },
  { after, acknowledged: true },
]);

type Life = Readonly<{ cursor: number; seqs: readonly number[] }>;

const lifeOf = (bot: TestBot): Life => ({
  cursor: bot.ready.channels.find(({ channel }) => channel === CHANNEL)!.cursor,
  seqs: bot.seqs(CHANNEL),
});

const upFrom = (cursor: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => cursor + 1 + index);

describe('a connection cut at every step of a replay, with messages arriving meanwhile', () => {
  let home: Home;
  let system: Verbatim;
  let sender: TestBot;
  let posted = 0;
  const over = new AbortController();
  let chatter: Promise<void>;

  beforeAll(async () => {
    home = await makeHome();
    const env = { VERBATIM_LOG_LEVEL: 'error', VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' };
    system = await startVerbatim({ home, env });
    await system.createChannel(CHANNEL);
    sender = await TestBot.connect(system.url, { key: await member('sender') });
    await Promise.all(Array.from({ length: BACKLOG }, (_, index) => sender.say(CHANNEL, `message ${index}`)));
    chatter = chat();
  });

  afterAll(async () => {
    over.abort();
    await chatter;
    sender?.close();
    await system?.remove();
    await home?.remove();
  });

  /**
   * Posts every few milliseconds, but never faster than posts are stored: the backlog must not grow with the machine's
   * load.
   */
  const chat = async (): Promise<void> => {
    while (!over.signal.aborted) {
      posted = Math.max(posted, await sender.say(CHANNEL, 'and another'));
      await pause(7);
    }
  };

  const member = async (bot: string): Promise<string> => {
    const key = await system.createBot(bot);
    await system.addMember(CHANNEL, bot);
    return key;
  };

  /** Connects and lives until the cut. Resolves with the seqs it received, and where it began. */
  const liveUntil = async ({ after, acknowledged }: Cut, auth: Auth): Promise<Life> => {
    const bot = await TestBot.connect(system.url, auth, { acknowledge: false });
    let batches = 0;
    await waitFor(
      `batch ${after}`,
      () => {
        for (; batches < after && bot.owed.length > 0; batches += 1) {
          const acknowledge = bot.owed.shift()!;
          if (batches + 1 < after || acknowledged) acknowledge();
        }
        return batches >= after || bot.all('caughtup').length > 0;
      },
      PATIENCE_MS,
      1,
    );
    bot.cut();
    return lifeOf(bot);
  };

  /** Connects and stays until it has everything that was posted by then. */
  const liveOn = async (auth: Auth): Promise<Life> => {
    const bot = await TestBot.connect(system.url, auth);
    await bot.untilCaughtUp(CHANNEL, PATIENCE_MS);
    const goal = posted + 1;
    await bot.untilSeq(CHANNEL, goal, PATIENCE_MS);
    bot.close();
    return lifeOf(bot);
  };

  it.each(CUTS)(
    'resumes exactly after the last message seen: cut after batch $after, acknowledged: $acknowledged',
    async (cut) => {
      const key = await member(`map-${cut.after}-${cut.acknowledged}`);
      const first = await liveUntil(cut, { key, resume: { [CHANNEL]: -1 } });
      const seen = first.seqs.at(-1) ?? -1;
      const second = await liveOn({ key, resume: { [CHANNEL]: seen } });
      const all = [...first.seqs, ...second.seqs];
      expect(all).toEqual(upFrom(-1, all.length));
    },
  );

  it.each(CUTS)(
    'repeats only what was not acknowledged: cut after batch $after, acknowledged: $acknowledged',
    async (cut) => {
      const key = await member(`stored-${cut.after}-${cut.acknowledged}`);
      const before = await liveUntil({ after: 0, acknowledged: false }, { key, resume: { [CHANNEL]: -1 } });
      const first = await liveUntil(cut, { key });
      expect(first.seqs).toEqual(upFrom(first.cursor, first.seqs.length));
      const second = await liveOn({ key });
      expect(second.seqs).toEqual(upFrom(second.cursor, second.seqs.length));
      expect(second.cursor).toBeGreaterThanOrEqual(first.cursor);
      expect(second.cursor).toBeLessThanOrEqual(Math.max(-1, ...before.seqs, ...first.seqs));
    },
  );

  it('makes progress when every connection is cut after its first batch', async () => {
    const key = await member('stubborn');
    const seqs: number[] = [];
    while ((seqs.at(-1) ?? -1) < BACKLOG) {
      const life = await liveUntil(
        { after: 1, acknowledged: false },
        { key, resume: { [CHANNEL]: seqs.at(-1) ?? -1 } },
      );
      seqs.push(...life.seqs);
    }
    expect(seqs).toEqual(upFrom(-1, seqs.length));
  });
});
