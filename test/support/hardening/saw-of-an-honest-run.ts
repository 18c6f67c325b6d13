import { honestRun } from '#tools/harness/checker/honest-run.js';
import type { Saw } from '#tools/hardening/phases/faults/exactness/saw.js';

/** Returns what a run saw that kept all promises. Specs break it in one place. */
export const sawOfAnHonestRun = (): Saw => ({
  ...honestRun({ messages: 40, connections: 2 }),
  readers: [],
  clocksDiffer: false,
});

/** Returns the same, except that the first bot never received one of the messages. */
export const sawWithAGap = (): Saw => {
  const saw = sawOfAnHonestRun();
  const [first, ...others] = saw.histories;
  const lost = first!.steps.findIndex(({ type }) => type === 'received');
  return { ...saw, histories: [{ ...first!, steps: first!.steps.toSpliced(lost, 1) }, ...others] };
};
