import { encodeEvent } from '../codec/encoded-event.js';
import type { Outcome } from './stream-rules.js';

export type BatchLimits = Readonly<{
  /** Events in one append. */
  maxEvents: number;
  /** Encoded size of one append. */
  maxBytes: number;
}>;

/** EventStoreDB takes at most 1 MiB in an append; the headroom covers what it counts and we can't see. */
export const DEFAULT_BATCH_LIMITS: BatchLimits = { maxEvents: 500, maxBytes: 1024 * 1024 - 64 * 1024 };

/**
 * How many of the outcomes, from the first on, go into one append. At least one: an event too large by itself is for
 * the store to refuse.
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
