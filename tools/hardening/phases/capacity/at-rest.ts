import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';

type Projection = Readonly<{ status: string; lagMs: number }>;

const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 300;
/** A read model with a lag below this counts as caught up. */
const LEVEL_MS = 50;
/** How many looks in a row must find every read model caught up: between two batches, a single look can mislead. */
const LOOKS = 3;

/**
 * Waits until the read models have caught up with the log and stay so. Otherwise the work that one load left behind would
 * be measured with the next.
 * @throws Error when they have not caught up after a minute
 */
export const untilAtRest = async (api: VerbatimApi): Promise<void> => {
  let looks = 0;
  const isAtRest = async (): Promise<boolean> => {
    const { body } = await api.request('GET', '/v1/projections');
    const items = (body['items'] ?? []) as readonly Projection[];
    looks = items.length > 0 && items.every(isLevel) ? looks + 1 : 0;
    return looks === LOOKS;
  };
  await waitFor('the read models to catch up with the log', isAtRest, PATIENCE_MS, LOOK_EVERY_MS);
};

const isLevel = ({ status, lagMs }: Projection): boolean => status === 'live' && lagMs < LEVEL_MS;
