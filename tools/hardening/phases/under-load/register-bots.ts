import type { LoadPlan } from '#tools/harness/load/load-plan.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

export type CrewPlan = Readonly<{
  bots: number;
  channels: number;
  /** The start of all names; no other crew on this server uses it. */
  prefix: string;
}>;

/** Number of requests at the same time: one after the other, a thousand bots would take too long. */
const TOGETHER = 20;

/** Creates bots and channels, with the bots spread evenly, one channel each. @throws Error when the server refuses */
export const registerBots = async (
  api: VerbatimApi,
  { bots, channels, prefix }: CrewPlan,
): Promise<LoadPlan['bots']> => {
  await inParallel(channels, (index) => api.createChannel(`${prefix}-${index}`));
  return inParallel(bots, async (index) => {
    const channel = `${prefix}-${index % channels}`;
    const bot = `${prefix}-bot-${index}`;
    const key = await api.createBot(bot);
    await api.addMember(channel, bot);
    return { auth: { key, resume: 'now' }, channel };
  });
};

const inParallel = async <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> => {
  const made: T[] = [];
  while (made.length < count) {
    const more = Array.from({ length: Math.min(TOGETHER, count - made.length) }, (_, index) =>
      make(made.length + index),
    );
    made.push(...(await Promise.all(more)));
  }
  return made;
};
