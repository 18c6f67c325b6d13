import { range, spreadOver, type Stage, type Workload } from './workload.js';

const [BOTS, CHANNELS, MESSAGES] = [100, 10, 10_000];
const [PATIENCE_MS, SETTLE_MS] = [120_000, 15_000];

/** Kills a system, starts it again, and returns the ms from the kill until a post of this bot is acknowledged. */
export const killToFirstPost = async (
  { system, generator }: Pick<Stage, 'system' | 'generator'>,
  bot: number,
): Promise<number> => {
  const killed = performance.timeOrigin + performance.now();
  await system.kill();
  const [posted] = await Promise.all([
    generator.tell('firstPost', { bot, patienceMs: PATIENCE_MS }),
    system.startAgain(),
  ]);
  return posted - killed;
};

export const coldStart: Workload = {
  name: 'cold start',
  title: `all processes killed, with ${MESSAGES.toLocaleString('en')} messages in the log`,
  guests: spreadOver(BOTS, CHANNELS),
  headlines: ['firstPost'],
  suits: ({ takesLoad }) => takesLoad,
  async run(stage) {
    const { generator } = stage;
    const bots = range(0, BOTS);
    await generator.tell('connect', bots);
    await generator.tell('fill', { posters: bots, messages: MESSAGES });
    const verdict = await generator.tell('verdict', SETTLE_MS);
    await generator.tell('cut', bots);
    return { figures: { firstPost: await killToFirstPost(stage, 0) }, verdict };
  },
};
