import { edgesPhase } from '../phases/edges/edges.phase.js';
import { loadPhase } from '../phases/load/load.phase.js';
import type { Phase } from '../phases/phase.js';
import { soakPhase } from '../phases/soak/soak.phase.js';

/** In the order in which they run. */
export const ALL_PHASES: readonly Phase[] = [loadPhase, edgesPhase, soakPhase];
