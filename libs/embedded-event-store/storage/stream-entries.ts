import type { IndexUpkeep } from './index-upkeep.js';
import type { KnownDamage } from './known-damage.js';
import type { LogEntry } from './log-entry.js';
import type { RecordLog } from './record-log.js';
import type { Segments } from './segments.js';
import { LOST } from './stream-index.js';

/** A stream and its id in the index. */
export type StreamPlace = Readonly<{ name: string; id: number }>;

/** The revisions to read: from `first` to `last`, at most `limit` of them. */
type Span = Readonly<{ first: number; last: number; direction: 'forwards' | 'backwards'; limit: number }>;

/** Reads streams of the log. The index knows where their events are. */
export class StreamEntries {
  constructor(
    private readonly index: Pick<IndexUpkeep, 'forwards' | 'backwards' | 'refuseMissing'>,
    private readonly segments: Segments,
    private readonly records: RecordLog,
    private readonly damage: KnownDamage,
  ) {}

  /** Returns entries of a stream in a log that ends at `head`. @throws LogUnavailable */
  read(stream: StreamPlace, span: Span, head: number): LogEntry[] {
    if (span.direction === 'backwards') return this.backwards(stream, span, head);
    const first = this.firstStored(stream.id, span.first, span.last);
    return this.forwards(stream, { ...span, first }, head);
  }

  /**
   * Returns the first revision from `first` to `last` that was not scavenged. Scavenging removes a stream's events from
   * the oldest on.
   */
  firstStored(streamId: number, first: number, last: number): number {
    if (!this.segments.hasGaps) return first;
    let low = first;
    let high = last;
    while (low < high) {
      const middle = low === first ? first : Math.floor((low + high) / 2);
      const gone = this.scavengedFrom(streamId, middle, high);
      if (gone === undefined) high = middle;
      else low = gone + 1;
    }
    return low;
  }

  /**
   * Returns the nearest revision from `from` on if it was scavenged. Revisions lost to damage are skipped, because they
   * say nothing about their neighbours.
   */
  private scavengedFrom(streamId: number, from: number, last: number): number | undefined {
    for (let revision = from; revision <= last; revision += 1) {
      const [position] = this.index.forwards(streamId, revision, revision, 1);
      if (position === undefined) return revision;
      if (position !== LOST) return this.segments.isKept(position) ? undefined : revision;
    }
    return undefined;
  }

  /** Fills the page if there are enough entries, because a reader takes a page that is not full for the end. */
  private forwards(stream: StreamPlace, { first, last, limit }: Span, head: number): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let from = first; from <= last && entries.length < limit;) {
      const wanted = Math.min(limit - entries.length, last - from + 1);
      const positions = this.index.forwards(stream.id, from, last, wanted);
      if (positions.length < wanted) this.requireScavenged(stream.id, from + positions.length);
      if (positions.length === 0) break;
      entries.push(...this.entriesAt(positions, { ...stream, first: from }, head));
      from += positions.length;
    }
    return entries;
  }

  private backwards(stream: StreamPlace, { first, last, limit }: Span, head: number): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let to = last; to >= first && entries.length < limit;) {
      const wanted = Math.min(limit - entries.length, to - first + 1);
      const positions = this.index.backwards(stream.id, first, to, wanted);
      if (positions.length < wanted) this.requireScavenged(stream.id, to - positions.length);
      if (positions.length === 0) break;
      to -= positions.length;
      const ascending = positions.toReversed();
      entries.push(...this.entriesAt(ascending, { ...stream, first: to + 1 }, head).toReversed());
    }
    return entries;
  }

  /** A stream's events are all in the index, unless it was built again after a scavenge. @throws DamagedIndex */
  private requireScavenged(streamId: number, revision: number): void {
    if (!this.segments.hasGaps) this.index.refuseMissing(streamId, revision);
  }

  /** Returns the entries at these positions, which hold the revisions from `first` on. Leaves out scavenged ones. */
  private entriesAt(
    positions: readonly number[],
    { name, first }: StreamPlace & Readonly<{ first: number }>,
    head: number,
  ): LogEntry[] {
    let at = -1;
    return this.records.entriesAt(positions, head).map((entry) => {
      at = positions.indexOf(entry.position, at + 1);
      return entry.isDamaged ? this.damage.inStream(entry, name, first + at, head) : entry;
    });
  }
}
