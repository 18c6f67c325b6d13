import type { Findings } from '../../report/hardening-report.js';
import type { Phase, PhaseContext } from '../phase.js';
import { plotsOf } from '../under-load/plots.js';
import { warmUpSeconds, watchedLoad } from '../under-load/watched-load.js';
import { PAUSE_MS, memorySeries, soakRows } from './soak-rows.js';

const BOTS = 50;
const CHANNELS = 5;
const RATE = 500;
const AROUND_SECONDS = 20;

/** Half as much, to see what creeps. */
export const soakPhase: Phase = {
  name: 'soak',
  title: 'Soak',
  expectedSeconds: (minutes) => minutes * 60 + warmUpSeconds(minutes * 60) + AROUND_SECONDS,
  run: async (context: PhaseContext): Promise<Findings> => {
    const seconds = Math.round(context.minutes * 60);
    const system = await context.systems.open();
    try {
      const observed = await watchedLoad(
        system,
        { name: 'soak', bots: BOTS, channels: CHANNELS, rate: RATE, seconds },
        context,
      );
      const series = memorySeries(observed);
      return {
        did: [
          `${BOTS} bots in ${CHANNELS} channels posted ${RATE} messages a second together for ${seconds} s, after ${warmUpSeconds(seconds)} s of as many as were answered.`,
          'The growth of memory is the median of the slopes between any two of the samples below (Theil–Sen); it misses its target when it is over it and its 95 % bounds are, too.',
        ],
        rows: soakRows(observed),
        plots: plotsOf('soak', observed, { pauseMs: PAUSE_MS }),
        tables: series.length === 0 ? [] : [memoryTable(series)],
      };
    } finally {
      await system.close();
    }
  },
};

const memoryTable = (series: ReturnType<typeof memorySeries>) => ({
  title: 'Memory of Verbatim’s own processes, as the growth was computed from it',
  columns: ['minute', 'MB'],
  rows: series.map(([minute, memory]) => [minute.toFixed(2), memory.toFixed(1)]),
});
