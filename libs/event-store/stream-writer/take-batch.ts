import { encodeEvent } from '../codec/encoded-event.js';
import type { Outcome } from './stream-rules.js';

export type BatchLimits = Readonly<{
  /** Largest number of events in one append. */
  maxEvents: number;
  /** Largest encoded size of one append, in bytes. */
  maxBytes: number;
}>;

/** EventStoreDB accepts at most 1 MiB per append. The margin covers what it counts and we can't see. */
export const DEFAULT_BATCH_LIMITS: BatchLimits = { maxEvents: 500, maxBytes: 1024 * 1024 - 64 * 1024 };

/**
 * Returns how many of the outcomes, from the first on, go into one append. It is at least one: the store itself refuses
 * an event that is too large.
 */
export const takeBatch = (outcomes: readonly Outcome<unknown>[], limits: BatchLimits): number => {
  let events = 0;
  let bytes = 0;
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind !== 'append') continue;
    events += 1;
    bytes += encodeEvent(outcome.event).size;
    if (index > 0 && (events > limits.maxEvents || bytes > limits.maxBytes)) return index;
  }
  return outcomes.length;
};
