import { plotsOf } from '../under-load/plots.js';
import { underLoadPhase } from '../under-load/under-load.phase.js';
import { warmUpSentence } from '../under-load/watched-load.js';
import { ACKNOWLEDGEMENT_MS, MEMORY_MB, loadRows } from './load-rows.js';

const BOTS = 100;
const CHANNELS = 10;
const RATE = 1_000;

/** Runs the high load: many bots and messages for a long time. */
export const loadPhase = underLoadPhase({
  name: 'load',
  title: 'High load',
  bots: BOTS,
  channels: CHANNELS,
  rate: RATE,
  findings: (observed, seconds) => ({
    did: [
      `${BOTS} bots in ${CHANNELS} channels posted ${RATE} messages a second together for ${seconds} s, from a process of their own, through plain Socket.IO; each message was delivered to ${BOTS / CHANNELS} bots.`,
      warmUpSentence(seconds),
    ],
    rows: loadRows(observed),
    plots: plotsOf('load', observed, { memoryMB: MEMORY_MB, acknowledgementMs: ACKNOWLEDGEMENT_MS }),
  }),
});
