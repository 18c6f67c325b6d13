import type { LoadInterval, LoadPlan, LoadResult } from '#tools/harness/load/load-plan.js';
import { runLoad } from '#tools/harness/load/run-load.js';
import { median } from '#tools/harness/measure/statistics.js';

/**
 * `secondP99`, in ms, is the p99 of delivery in the median second. A second in which the disk hangs does not change it.
 */
export type TimedLoad = Readonly<{ load: LoadResult; secondP99: number }>;

/** Carries out a plan, and also evaluates each of its seconds separately. */
export const timedLoad = async (plan: LoadPlan): Promise<TimedLoad> => {
  const seconds: number[] = [];
  const onInterval = ({ at, delivery }: LoadInterval): void => {
    if (at > plan.warmUpSeconds) seconds.push(delivery.p99);
  };
  const { load } = await runLoad({ ...plan, intervalSeconds: 1 }, () => [], { onInterval });
  return { load, secondP99: median(seconds) };
};

export const deliveryOf = ({ load, secondP99 }: TimedLoad) => ({
  ...load.delivery,
  'p99 of the median second': secondP99,
});
