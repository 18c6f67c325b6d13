import type { VerbatimApi } from '#libs/harness/system/verbatim-api.js';
import { waitFor } from '#libs/harness/wait-for.js';

const PATIENCE_MS = 60_000;

/**
 * Waits until the read models are level with the log and stay so: what one load left to be done must not be measured
 * with the next.
 * @throws Error when they are not after a minute
 */
export const untilAtRest = async (api: VerbatimApi): Promise<void> => {
  let before = 'not asked yet';
  const isAtRest = async (): Promise<boolean> => {
    const { body } = await api.request('GET', '/v1/projections');
    const items = (body['items'] ?? []) as readonly { position?: string; status: string }[];
    const positions = new Set(items.map(({ position }) => position));
    const now = [...positions].join();
    const rests = items.length > 0 && positions.size === 1 && now === before;
    before = now;
    return rests;
  };
  await waitFor('the read models to be level with the log', isAtRest, PATIENCE_MS, 250);
};
