import { NO_EVENTS } from '../rules/expected-revision.js';
import type { EventLog } from '../storage/event-log.js';
import { isMetastream, originalStreamOf } from '../storage/stream-state.js';
import { viewStream } from '../streams/stream-view.js';

/** Lets every event go but the tombstone, whose revision is infinite. */
const ALL = Number.POSITIVE_INFINITY;

/**
 * Returns the revision before which a stream's events may be removed, because no reader can see them any more. The
 * newest event stays whatever the retention says, as on the real server, so that revisions continue from it
 * (Calculator.cs in TransactionLog/Scavenging).
 */
export const scavengeCut = (log: EventLog, stream: string, now: number): number => {
  const state = log.streamState(stream);
  if (!state) return 0;
  if (state.tombstoned || (isMetastream(stream) && log.streamState(originalStreamOf(stream))?.tombstoned))
    return ALL;
  if (state.lastRevision === NO_EVENTS) return 0;
  const view = viewStream(log, stream, now);
  return view.kind === 'readable' ? Math.min(view.first, state.lastRevision) : state.lastRevision;
};
