import { saturation } from './saturation.workload.js';
import { steady } from './steady.workload.js';

export const ALL_WORKLOADS = [steady, saturation];
export const QUICK_WORKLOADS = [steady, saturation];
