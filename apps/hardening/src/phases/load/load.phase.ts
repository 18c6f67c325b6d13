import type { Findings } from '../../report/hardening-report.js';
import type { Phase, PhaseContext } from '../phase.js';
import { plotsOf } from '../under-load/plots.js';
import { warmUpSeconds, watchedLoad } from '../under-load/watched-load.js';
import { ACKNOWLEDGEMENT_MS, MEMORY_MB, loadRows } from './load-rows.js';

const BOTS = 100;
const CHANNELS = 10;
const RATE = 1_000;
const AROUND_SECONDS = 20;

/** Much of everything for a long time. */
export const loadPhase: Phase = {
  name: 'load',
  title: 'High load',
  expectedSeconds: (minutes) => minutes * 60 + warmUpSeconds(minutes * 60) + AROUND_SECONDS,
  run: async (context: PhaseContext): Promise<Findings> => {
    const seconds = Math.round(context.minutes * 60);
    const system = await context.systems.open();
    try {
      const observed = await watchedLoad(
        system,
        { name: 'load', bots: BOTS, channels: CHANNELS, rate: RATE, seconds },
        context,
      );
      return {
        did: [
          `${BOTS} bots in ${CHANNELS} channels posted ${RATE} messages a second together for ${seconds} s, from a process of their own, through plain Socket.IO; each message was delivered to ${BOTS / CHANNELS} bots.`,
          `Before it they posted as fast as they were answered for ${warmUpSeconds(seconds)} s, which fills what the server keeps up to a limit; then the bots left, garbage was collected, and the memory of that moment is the baseline.`,
        ],
        rows: loadRows(observed),
        plots: plotsOf('load', observed, { memoryMB: MEMORY_MB, acknowledgementMs: ACKNOWLEDGEMENT_MS }),
      };
    } finally {
      await system.close();
    }
  },
};
