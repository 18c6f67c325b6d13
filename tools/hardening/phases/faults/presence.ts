import type { FaultBot } from '#tools/harness/bots/fault-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import type { Stage } from './stage.js';

/** One presence event. `at` is from `performance.now()` in this process. */
export type Told = Readonly<{ bot: string; state: string; reason: string; at: number }>;

/** Records the presence events that a bot receives; the returned list grows as they arrive. */
export const listenToPresence = (watcher: FaultBot): readonly Told[] => {
  const told: Told[] = [];
  watcher.hear('presence', ({ bot, state, reason }) =>
    told.push({
      bot: String(bot),
      state: String(state),
      reason: typeof reason === 'string' ? reason : 'none',
      at: performance.now(),
    }),
  );
  return told;
};

/** The state of a bot by the two sources that can be asked: `who` of a gateway, and the admins' read model. */
export type States = Readonly<{ who: string; readModel: string }>;

/** Asks both sources until they report the awaited state, or the time is over. @returns their last answers */
export const statesOf = async (
  { front }: Stage,
  watcher: FaultBot,
  channel: string,
  bot: string,
  awaited: string,
  withinMs = 5_000,
): Promise<States> => {
  let seen: States = { who: 'not asked', readModel: 'not asked' };
  await waitFor(
    `${bot} to be ${awaited}`,
    async () => {
      const { bots = [] } = (await watcher.request('who', { channel })) as {
        bots?: readonly { bot: string; state: string }[];
      };
      const { body } = await front.request('GET', `/v1/bots/${bot}`);
      const presence = body['presence'] as { state: string } | undefined;
      seen = {
        who: bots.find((one) => one.bot === bot)?.state ?? 'unknown',
        readModel: presence?.state ?? 'unknown',
      };
      return seen.who === awaited && seen.readModel === awaited;
    },
    withinMs,
  ).catch(() => undefined); // the last answers are judged
  return seen;
};
