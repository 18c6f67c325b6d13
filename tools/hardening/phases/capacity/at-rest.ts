import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';

type Projection = Readonly<{ status: string; lagMs: number }>;

const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 300;
/** An event that comes this late to a read model comes at once. */
const LEVEL_MS = 50;
/** What lies between two batches looks level once. */
const LOOKS = 3;

/**
 * Waits until the read models are level with the log and stay so: what one load left to be done must not be measured
 * with the next.
 * @throws Error when they are not after a minute
 */
export const untilAtRest = async (api: VerbatimApi): Promise<void> => {
  let looks = 0;
  const isAtRest = async (): Promise<boolean> => {
    const { body } = await api.request('GET', '/v1/projections');
    const items = (body['items'] ?? []) as readonly Projection[];
    looks = items.length > 0 && items.every(isLevel) ? looks + 1 : 0;
    return looks === LOOKS;
  };
  await waitFor('the read models to be level with the log', isAtRest, PATIENCE_MS, LOOK_EVERY_MS);
};

const isLevel = ({ status, lagMs }: Projection): boolean => status === 'live' && lagMs < LEVEL_MS;
