import type { DomainEvent } from '../event.js';

/**
 * An event at `position` was recorded `at` (ISO 8601 UTC). In the order of their stream both only grow, so that the
 * place of any time in the log is found by halving.
 */
export type MilestonePassed = DomainEvent<'MilestonePassed', { position: string; at: string }>;
