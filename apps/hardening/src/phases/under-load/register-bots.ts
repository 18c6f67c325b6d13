import type { LoadPlan } from '#libs/harness/load/load-plan.js';
import type { VerbatimApi } from '#libs/harness/system/verbatim-api.js';

export type CrewPlan = Readonly<{
  bots: number;
  channels: number;
  /** What the names begin with: no other crew of this server has it. */
  prefix: string;
}>;

/** Makes bots and channels, each bot a member of one channel, evenly. @throws Error when the server refuses */
export const registerBots = async (
  api: VerbatimApi,
  { bots, channels, prefix }: CrewPlan,
): Promise<LoadPlan['bots']> => {
  for (let index = 0; index < channels; index += 1) await api.createChannel(`${prefix}-${index}`);
  const registered: { auth: object; channel: string }[] = [];
  for (let index = 0; index < bots; index += 1) {
    const channel = `${prefix}-${index % channels}`;
    const bot = `${prefix}-bot-${index}`;
    const key = await api.createBot(bot);
    await api.addMember(channel, bot);
    registered.push({ auth: { key, resume: 'now' }, channel });
  }
  return registered;
};
