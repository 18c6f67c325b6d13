import { setTimeout as pause } from 'node:timers/promises';
import { behindReason, range, spreadOver, type Workload } from './workload.js';

const [BOTS, CHANNELS, RATE] = [100, 10, 500];
const [AWAY_MS, PATIENCE_MS, SETTLE_MS] = [5_000, 15_000, 5_000];
const [BEFORE_SECONDS, AFTER_SECONDS] = [1, 3];
/** The last ten, one in each channel, stay connected and post. */
const WRITERS = range(BOTS, BOTS + CHANNELS);

/** Everybody is cut off at once, and comes back at once, while the others go on posting. */
export const herd: Workload = {
  name: 'herd',
  title: `${BOTS} bots cut off for 5 s and back at once, ${RATE} messages/s meanwhile`,
  guests: spreadOver(BOTS + CHANNELS, CHANNELS),
  headlines: ['levelAll'],
  suits: ({ takesLoad }) => takesLoad,
  async run({ generator, remembers }) {
    const bots = range(0, BOTS);
    await generator.tell('connect', [...bots, ...WRITERS]);
    const seconds = BEFORE_SECONDS + AWAY_MS / 1_000 + AFTER_SECONDS;
    const load = generator.tell('load', {
      posters: WRITERS,
      rate: RATE,
      outstanding: 0,
      warmUpSeconds: 0,
      seconds,
    });
    await pause(BEFORE_SECONDS * 1_000);
    await generator.tell('cut', bots);
    await pause(AWAY_MS);
    const { levelMs, behind } = await generator.tell('comeBack', { bots, patienceMs: PATIENCE_MS });
    await load;
    const verdict = await generator.tell('verdict', remembers ? SETTLE_MS : 0);
    // What forgets everything is soon level with what comes next.
    const isLevel = remembers && behind === 0;
    return { figures: isLevel ? { levelAll: levelMs } : {}, verdict, ...behindReason(behind) };
  },
};
