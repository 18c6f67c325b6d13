import type { LoadPlan } from '#tools/harness/load/load-plan.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

export type CrewPlan = Readonly<{
  bots: number;
  channels: number;
  /** What the names begin with: no other crew of this server has it. */
  prefix: string;
}>;

/** Asked for at the same time: one after the other, a thousand bots take long. */
const TOGETHER = 20;

/** Makes bots and channels, each bot a member of one channel, evenly. @throws Error when the server refuses */
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
