import type { FaultBot } from '#tools/harness/bots/fault-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import type { Stage } from './stage.js';

/** `at` by our clock, as of `performance.now()`. */
export type Told = Readonly<{ bot: string; state: string; reason: string; at: number }>;

/** What one bot is told of the others, as it is told. */
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

/** What is said of a bot where one may ask: `who` of a gateway, and the read model of admins. */
export type States = Readonly<{ who: string; readModel: string }>;

/** Asks until both say so, and at most so long. @returns what they said last */
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
      const { bots = [] } = (await watcher.ask('who', { channel })) as {
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
  ).catch(() => undefined); // what was said last is judged
  return seen;
};
