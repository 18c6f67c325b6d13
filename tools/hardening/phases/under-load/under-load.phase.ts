import type { Findings } from '../../report/hardening-report.js';
import type { Phase, PhaseContext } from '../phase.js';
import type { Observed } from './observed.js';
import { judgedAfter } from './needed-minutes.js';
import { warmUpSeconds, watchedLoad } from './watched-load.js';

/** A steady load for `--minutes`, and how its findings are made. */
export type UnderLoad = Pick<Phase, 'title'> &
  Readonly<{
    name: 'load' | 'soak';
    bots: number;
    channels: number;
    /** Messages a second of all bots together. */
    rate: number;
    findings(observed: Observed, seconds: number): Findings;
  }>;

/** Seconds spent before and after the load, apart from the warm-up. */
const AROUND_SECONDS = 20;

/** Makes a phase that starts a system, puts it under a load, watches it and stops it again. */
export const underLoadPhase = ({ name, title, bots, channels, rate, findings }: UnderLoad): Phase => ({
  name,
  title,
  expectedSeconds: (minutes) => minutes * 60 + warmUpSeconds(minutes * 60) + AROUND_SECONDS,
  run: async (context: PhaseContext): Promise<Findings> => {
    const seconds = Math.round(context.minutes * 60);
    const system = await context.systems.open();
    try {
      const observed = await watchedLoad(system, { name, bots, channels, rate, seconds }, context);
      const found = findings(observed, seconds);
      // Planted faults are large enough to be seen even in a short run.
      const isJudged = context.planted.size > 0;
      return isJudged ? found : { ...found, rows: judgedAfter(context.minutes, found.rows) };
    } finally {
      await system.close();
    }
  },
});
