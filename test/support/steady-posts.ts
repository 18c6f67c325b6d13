import { v7 as uuidv7 } from 'uuid';
import type { TestBot } from '#tools/harness/bots/test-bot.js';

/** Posts at a steady rate. `stop` ends that and resolves with the number of posts once all of them are answered. */
export const postSteadily = (
  bot: TestBot,
  channel: string,
  perSecond: number,
): { stop(): Promise<number> } => {
  const posted: Promise<unknown>[] = [];
  const started = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - started) * perSecond) / 1_000;
    while (posted.length < due) {
      posted.push(bot.must('post', { id: uuidv7(), channel, body: `load ${posted.length}` }));
    }
  }, 5);
  const stop = async (): Promise<number> => {
    clearInterval(timer);
    await Promise.all(posted);
    return posted.length;
  };
  return { stop };
};
