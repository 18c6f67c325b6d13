import { coldStart } from './cold-start.workload.js';
import { fanOut } from './fan-out.workload.js';
import { growthTo10Thousand, growthTo100Thousand, growthToMillion } from './growth.workload.js';
import { herd } from './herd.workload.js';
import { idleConnections } from './idle-connections.workload.js';
import { idleProcess } from './idle-process.workload.js';
import { manyChannels } from './many-channels.workload.js';
import { coldReplay, warmReplay } from './replay.workload.js';
import { saturation } from './saturation.workload.js';
import { steady } from './steady.workload.js';

export const ALL_WORKLOADS = [
  steady,
  saturation,
  fanOut,
  manyChannels,
  warmReplay,
  coldReplay,
  herd,
  coldStart,
  growthTo10Thousand,
  growthTo100Thousand,
  idleConnections,
  idleProcess,
];

/** Takes a quarter of an hour by itself, so it runs only when it is asked for. */
export const LONG_WORKLOADS = [growthToMillion];

export const QUICK_WORKLOADS = [steady, saturation, warmReplay, herd];
