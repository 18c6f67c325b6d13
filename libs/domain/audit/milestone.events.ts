import type { DomainEvent } from '../event.js';

/**
 * Links a time to a place in the log: an event at `position` was recorded at `at` (ISO 8601 UTC). Both values
 * only grow along the stream, so a binary search finds the place of any time in the log.
 */
export type MilestonePassed = DomainEvent<'MilestonePassed', { position: string; at: string }>;
