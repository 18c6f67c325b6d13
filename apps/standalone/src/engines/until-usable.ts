import { StartRefused } from '../start-refused.js';
import { PATIENCE_MS, type Trouble } from './trouble.js';
import { sleep } from '#libs/time/sleep.js';

const PAUSE_MS = 250;
/**
 * Milliseconds that every attempt has at least. One that is cut short would end with a misleading message.
 */
const ATTEMPT_MS = 1500;

/**
 * Tries until the store can be used, for as long as the trouble may pass. `attempt` gets the milliseconds it
 * has, and returns undefined when all is well.
 *
 * @throws StartRefused with the words of the last trouble
 */
export const untilUsable = async (
  attempt: (leftMs: number) => Promise<Trouble | undefined>,
  pauseMs = PAUSE_MS,
): Promise<void> => {
  const began = Date.now();
  for (;;) {
    const spentMs = Date.now() - began;
    const trouble = await attempt(Math.max(ATTEMPT_MS, PATIENCE_MS - spentMs));
    if (trouble === undefined) return;
    if (Date.now() + pauseMs > began + trouble.patienceMs) throw new StartRefused(trouble.words);
    await sleep(pauseMs);
  }
};
