import { capacityPhase } from '../phases/capacity/capacity.phase.js';
import { edgesPhase } from '../phases/edges/edges.phase.js';
import { faultsPhase } from '../phases/faults/faults.phase.js';
import { loadPhase } from '../phases/load/load.phase.js';
import type { Phase } from '../phases/phase.js';
import { soakPhase } from '../phases/soak/soak.phase.js';

/** All phases, in the order in which they run. */
export const ALL_PHASES: readonly Phase[] = [loadPhase, faultsPhase, edgesPhase, soakPhase, capacityPhase];
