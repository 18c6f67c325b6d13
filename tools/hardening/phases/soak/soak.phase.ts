import { plotsOf } from '../under-load/plots.js';
import { underLoadPhase } from '../under-load/under-load.phase.js';
import { warmUpSentence } from '../under-load/watched-load.js';
import { PAUSE_MS, memorySeries, soakRows } from './soak-rows.js';

const BOTS = 50;
const CHANNELS = 5;
const RATE = 500;

/** Runs the soak: half the load, to see what grows slowly. */
export const soakPhase = underLoadPhase({
  name: 'soak',
  title: 'Soak',
  bots: BOTS,
  channels: CHANNELS,
  rate: RATE,
  findings: (observed, seconds) => {
    const series = memorySeries(observed);
    return {
      did: [
        `${BOTS} bots in ${CHANNELS} channels posted ${RATE} messages a second together for ${seconds} s.`,
        warmUpSentence(seconds),
        'Growth of memory does not count file pages, which the system takes back when it needs memory. It is the median of the slopes between any two of the samples below (Theil–Sen). It misses its target when it is over the target and its lower 95 % bound is, too.',
      ],
      rows: soakRows(observed),
      plots: plotsOf('soak', observed, { pauseMs: PAUSE_MS }),
      tables: series.length === 0 ? [] : [memoryTable(series)],
    };
  },
});

const memoryTable = (series: ReturnType<typeof memorySeries>) => ({
  title: 'Memory of Verbatim’s own processes without file pages, from which the growth was computed',
  columns: ['minute', 'MB'],
  rows: series.map(([minute, memory]) => [minute.toFixed(2), memory.toFixed(1)]),
});
