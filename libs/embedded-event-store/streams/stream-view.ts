import { NO_EVENTS } from '../rules/expected-revision.js';
import {
  KEEP_ALL,
  OF_METASTREAMS,
  firstReadable,
  isSoftDeleted,
  oldestReadable,
} from '../rules/retention.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import { isMetastream, originalStreamOf } from '../storage/stream-state.js';

/** The part of a stream that may be read at this moment. */
export type StreamView =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'deleted' }
  | {
      readonly kind: 'readable';
      readonly name: string;
      readonly id: number;
      readonly first: number;
      readonly last: number;
      readonly oldest: number;
    };

/**
 * Returns a stream as readers see it, with `$maxCount`, `$maxAge` and `$tb` applied (IndexReader.cs). Events that are
 * too old stay in the log, and in `$all`, until they are scavenged.
 */
export const viewStream = (log: EventLog, name: string, now: number): StreamView => {
  const state = log.streamState(name);
  const metastream = isMetastream(name);
  if (state?.tombstoned || (metastream && log.streamState(originalStreamOf(name))?.tombstoned))
    return { kind: 'deleted' };
  const retention = metastream ? OF_METASTREAMS : (state?.retention ?? KEEP_ALL);
  if (!state || state.lastRevision === NO_EVENTS || isSoftDeleted(retention)) return { kind: 'not_found' };
  const last = state.lastRevision;
  const oldest = oldestReadable(retention, now);
  const stored = log.firstStored(state.id, firstReadable(retention, last), last);
  const first = firstYoungEnough(log, state.id, stored, last, oldest);
  return { kind: 'readable', name, id: state.id, first, last, oldest };
};

/**
 * Finds the first event that is young enough by binary search. Events get younger with each revision, except after a
 * step of the clock.
 */
const firstYoungEnough = (log: EventLog, id: number, first: number, last: number, oldest: number): number => {
  if (oldest === Number.NEGATIVE_INFINITY) return first;
  let low = first;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = log.entryAt(id, middle);
    if (!entry || entry.created < oldest) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const isYoungEnough = (entry: LogEntry, oldest: number): boolean => entry.created >= oldest;
