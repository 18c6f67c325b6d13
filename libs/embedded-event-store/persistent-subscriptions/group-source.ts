import { eventFilter, isShownInAll, type EventFilter } from '../rules/event-filter.js';
import type { EventLog } from '../storage/event-log.js';
import type { LiveFeed } from '../storage/live-feed.js';
import { wholeEntries, type LogEntry } from '../storage/log-entry.js';
import { isYoungEnough, viewStream } from '../streams/stream-view.js';
import type { GroupTarget } from './rules/group-settings.js';

interface Page {
  readonly entries: readonly LogEntry[];
  /** Events after the last entry that a filter left out. */
  readonly passed: { readonly position: number; readonly count: number } | undefined;
  /** Whether nothing more can be read at this moment. */
  readonly atEnd: boolean;
}

/** Reads the events of a group, page after page. */
export interface GroupSource {
  /** Returns the next page. @throws DamagedLog when it can't be read; the next call tries the same events again */
  next(limit: number): Page;
}

const END: Page = { entries: [], passed: undefined, atEnd: true };
/** Events of `$all` that are read for one page. */
const WINDOW = 256;

/** Reads a stream from a revision on, without the events that retention has hidden meanwhile. */
class StreamSource implements GroupSource {
  constructor(
    private readonly log: EventLog,
    private readonly stream: string,
    private revision: number,
  ) {}

  next(limit: number): Page {
    const state = this.log.streamState(this.stream);
    if (!state || state.lastRevision < this.revision) return END;
    const view = viewStream(this.log, this.stream, Date.now());
    if (view.kind !== 'readable') return END;
    const first = Math.max(this.revision, view.first);
    const read = wholeEntries(this.log.readStream(view, first, view.last, 'forwards', limit));
    if (read.length === 0) return END;
    this.revision = read.at(-1)!.revision + 1;
    const entries = read.filter((entry) => isYoungEnough(entry, view.oldest));
    return { entries, passed: undefined, atEnd: this.revision > view.last };
  }
}

/** Reads `$all` from a position on, as readers see it, without the events that the filter leaves out. */
class AllSource implements GroupSource {
  private readonly filter: EventFilter | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly feed: LiveFeed,
    filter: GroupTarget['filter'],
    private position: number,
  ) {
    this.filter = filter && eventFilter(filter);
  }

  next(limit: number): Page {
    const looked =
      this.feed.entriesFrom(this.position, WINDOW) ??
      wholeEntries(this.log.readAll(this.position, 'forwards', WINDOW));
    const entries: LogEntry[] = [];
    let passed: { position: number; count: number } | undefined;
    for (const entry of looked) {
      if (entries.length === limit) return { entries, passed, atEnd: false };
      this.position = entry.next;
      if (!isShownInAll(entry)) continue;
      if (this.filter && !this.filter(entry)) {
        passed = { position: entry.position, count: (passed?.count ?? 0) + 1 };
        continue;
      }
      passed = undefined;
      entries.push(entry);
    }
    return { entries, passed, atEnd: looked.length === 0 };
  }
}

/** Makes the source of a group. `from` is the revision or position of the first event wanted. */
export const groupSource = (log: EventLog, feed: LiveFeed, target: GroupTarget, from: number): GroupSource =>
  target.stream === undefined
    ? new AllSource(log, feed, target.filter, from)
    : new StreamSource(log, target.stream, from);
