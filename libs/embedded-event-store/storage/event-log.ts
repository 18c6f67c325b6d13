import path from 'node:path';
import { IndexChanges, type IndexedStreams } from './index-changes.js';
import type { CommitGroup } from './commit-group.js';
import { AcknowledgedEnd } from './acknowledged-end.js';
import { DamagedLog } from './damaged-log.js';
import { IndexUpkeep } from './index-upkeep.js';
import { KeptRanges } from './kept-ranges.js';
import type { LogEntry } from './log-entry.js';
import type { Head } from './log-index.js';
import { recordChecksum } from './record.js';
import type { LogReports } from './log-reports.js';
import { RecordLog } from './record-log.js';
import { LEAST_ROOM, requireRoom } from './room.js';
import { LOST } from './stream-index.js';
import { Segments } from './segments.js';
import type { StreamState } from './stream-state.js';
import { checkTail } from './tail.js';

/** Nothing is at position 0, as on the real server, whose log begins with a record of its own. */
export const START: Head = { position: 256, streamId: 1, checksum: 0 };
export const INDEX_FILE = 'index.mdb';
export const END_FILE = 'acknowledged.end';
/** Records looked at in one go while scavenging. */
const PAGE = 256;

/**
 * The log on disk: records in segment files. What is synced there is committed; an index in LMDB, which follows the
 * log, tells where the events of a stream are and how streams stand. Reads are synchronous and see all that is
 * committed and nothing else.
 */
export class EventLog implements IndexedStreams {
  private readonly index: IndexUpkeep;
  private readonly segments: Segments;
  private readonly records: RecordLog;
  private readonly acknowledged: AcknowledgedEnd;
  private head: Head;
  /** Of a group that failed, something may lie beyond the head. */
  private torn = false;

  /**
   * Finds the end of the log: behind what is indexed, as far as whole changes follow. What a crash left behind it is cut off,
   * if nothing can ever have been answered for there. @throws LogUnavailable, or DamagedLog having changed nothing
   */
  constructor(
    private readonly folder: string,
    { say = () => {}, damaged, unusable }: LogReports = {},
  ) {
    this.acknowledged = new AcknowledgedEnd(path.join(folder, END_FILE));
    this.index = new IndexUpkeep(path.join(folder, INDEX_FILE), unusable);
    let segments: Segments | undefined;
    try {
      this.head = this.index.indexed ?? START;
      this.segments = segments = new Segments(folder, START.position, this.head.position);
      this.records = new RecordLog(this.segments, START.position, damaged);
      if (!this.isIndexOfLog()) {
        say('index.mdb is not of this log: it is built again');
        this.index.forget();
        this.head = START;
      }
      this.takeTail();
      const left = checkTail(this.segments, this.head.position, this.acknowledged.known);
      if (left > 0) {
        this.segments.cutNow(this.head.position);
        say(
          `cut off ${left} bytes at the end, of an append that was never answered: they are no whole change`,
        );
      }
      this.segments.removeSuperseded();
    } catch (error) {
      void this.index.discard();
      segments?.close();
      throw error;
    }
    if (this.head !== START) this.acknowledged.note(this.head.position);
  }

  /** The end of the log: where the next record goes, and what it follows. */
  get end(): Head {
    return this.head;
  }

  get nextPosition(): number {
    return this.head.position;
  }

  get nextStreamId(): number {
    return this.head.streamId;
  }

  /** @throws LogUnavailable */
  streamState(name: string): StreamState | undefined {
    return this.index.streamState(name);
  }

  /** The entry of a stream's revision. @throws LogUnavailable */
  entryAt(streamId: number, revision: number): LogEntry | undefined {
    const [position] = this.index.forwards(streamId, revision, revision, 1);
    if (position === undefined || !this.segments.isKept(position)) return undefined;
    return this.records.at(position, this.nextPosition);
  }

  /**
   * Whether `$all` can be read from this position: a record begins there, or did before it was scavenged, or it is
   * before or after all.
   */
  isReadable(position: number): boolean {
    return (
      position <= START.position ||
      position >= this.nextPosition ||
      !this.segments.isKept(position) ||
      this.records.isRecord(position, this.nextPosition)
    );
  }

  /** Position of the entry after the one at a readable position. */
  after(position: number): number {
    if (position < START.position) return START.position;
    if (position >= this.nextPosition || !this.segments.isKept(position)) return position;
    return this.records.at(position, this.nextPosition).next;
  }

  /** The first revision of a stream, of those from `first` to `last`, that was not scavenged: they go from the oldest on. */
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

  /** The nearest revision from one on, if it was scavenged; what damage has taken says nothing of its neighbours. */
  private scavengedFrom(streamId: number, from: number, last: number): number | undefined {
    for (let revision = from; revision <= last; revision += 1) {
      const [position] = this.index.forwards(streamId, revision, revision, 1);
      if (position === undefined) return revision;
      if (position !== LOST) return this.segments.isKept(position) ? undefined : revision;
    }
    return undefined;
  }

  /** Has the next records go into a new segment, so that all there are can be scavenged. */
  endSegment(): void {
    this.segments.endCurrent();
  }

  /** Segments that take no more records, by position. Their records are indexed once this resolves. */
  async completeSegments(): Promise<readonly { readonly base: number; readonly end: number }[]> {
    const { complete } = this.segments;
    await this.index.flush();
    return complete;
  }

  /**
   * Takes out of a complete segment what `keeps` refuses, and frees the space. Positions and revisions stay. @returns
   * bytes freed
   */
  async scavenge(
    segment: { base: number; end: number },
    keeps: (entry: LogEntry) => boolean,
  ): Promise<number> {
    const ranges: { start: number; length: number }[] = [];
    let checksum = this.segments.scavengedAt(segment.base)?.checksum ?? 0;
    const scavengedBefore = this.segments.scavengedAt(segment.base) !== undefined;
    let removed = 0;
    for (let from = segment.base; from < segment.end;) {
      const entries = this.records.forwards(from, segment.end, PAGE);
      if (entries.length === 0) break;
      for (const entry of entries) {
        if (!scavengedBefore) checksum = recordChecksum(entry.record);
        const { position, next, record } = entry;
        const last = ranges.at(-1);
        if (!keeps(entry)) removed += record.length;
        else if (last && last.start + last.length === position) last.length += record.length;
        else ranges.push({ start: position, length: record.length });
        from = next;
      }
      await new Promise(setImmediate);
    }
    if (removed === 0) return 0;
    await this.segments.keepOnly(new KeptRanges(segment.base, ranges, segment.end, checksum), ranges);
    return removed;
  }

  /**
   * Looks at some records from a position on, so that damage is told before a reader meets it; of a damaged file no more than
   * its first damage. @returns where to go on, undefined at the end
   */
  look(from: number): number | undefined {
    try {
      const last = this.records.forwards(from, this.nextPosition, PAGE).at(-1);
      return last?.isDamaged ? this.segments.endAfter(last.position) : last?.next;
    } catch (error) {
      if (error instanceof DamagedLog) return this.segments.endAfter(from);
      throw error;
    }
  }

  /** Entries from a readable position on (backwards: those before it), at most `limit`. */
  readAll(from: number, direction: 'forwards' | 'backwards', limit: number): LogEntry[] {
    return direction === 'forwards'
      ? this.records.forwards(from, this.nextPosition, limit)
      : this.records.backwards(Math.min(from, this.nextPosition), this.nextPosition, limit);
  }

  /**
   * Entries of a stream with revisions from `first` to `last`, in the order asked for, at most `limit`.
   * @throws LogUnavailable
   */
  readStream(
    streamId: number,
    first: number,
    last: number,
    direction: 'forwards' | 'backwards',
    limit: number,
  ): LogEntry[] {
    return direction === 'forwards'
      ? this.streamForwards(streamId, this.firstStored(streamId, first, last), last, limit)
      : this.streamBackwards(streamId, first, last, limit);
  }

  /** As many as there are: a reader takes a page that is not full for the end. */
  private streamForwards(streamId: number, first: number, last: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let from = first; from <= last && entries.length < limit;) {
      const positions = this.index.forwards(streamId, from, last, limit - entries.length);
      if (positions.length === 0) break;
      entries.push(...this.records.many(positions, this.nextPosition));
      from += positions.length;
    }
    return entries;
  }

  private streamBackwards(streamId: number, first: number, last: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let to = last; to >= first && entries.length < limit;) {
      const positions = this.index.backwards(streamId, first, to, limit - entries.length);
      if (positions.length === 0) break;
      entries.push(...this.records.many(positions.toReversed(), this.nextPosition).toReversed());
      to -= positions.length;
    }
    return entries;
  }

  /**
   * Writes all of a group or nothing. Resolves when it is synced to disk. @throws Error if it could not be: then it is
   * not part of the log, unless the process ends before what was written of it could be cut off
   */
  async commit(group: CommitGroup): Promise<void> {
    if (this.index.isBehind) await this.index.flush();
    await this.cutTorn();
    try {
      await this.segments.append(group.chunks, this.nextPosition);
    } catch (error) {
      this.torn = true;
      await this.cutTorn().catch(() => undefined); // tried again before the next group
      throw error;
    }
    this.acknowledged.note(group.head.position);
    this.take(group.changes, group.head);
  }

  /** Something of a group that failed may lie behind the end. */
  get isTorn(): boolean {
    return this.torn;
  }

  /**
   * Whether the log can grow by as much as an append may have: so many bytes are written behind its end, synced, and cut off again.
   * Nobody may commit meanwhile. @throws what the disk says
   */
  async tryWriting(): Promise<void> {
    if (this.index.isBehind) await this.index.flush();
    await this.cutTorn();
    requireRoom(this.folder);
    this.torn = true;
    try {
      await this.segments.append([Buffer.alloc(LEAST_ROOM)], this.nextPosition);
    } catch (error) {
      await this.cutTorn().catch(() => undefined);
      throw error;
    }
    await this.cutTorn();
  }

  async close(): Promise<void> {
    await this.index.close();
    await this.acknowledged.close();
    this.segments.close();
  }

  /** Whether the index ends behind the record it says it ends behind. */
  private isIndexOfLog(): boolean {
    const { position, checksum } = this.head;
    const before = this.records.checksumBefore(position);
    return before === undefined ? this.segments.scavengedAt(position - 1) !== undefined : before === checksum;
  }

  private async cutTorn(): Promise<void> {
    if (!this.torn) return;
    await this.segments.cutAt(this.nextPosition);
    this.torn = false;
  }

  private take(changes: IndexChanges, head: Head): void {
    this.head = head;
    this.index.add(changes, head);
  }

  private takeTail(): void {
    for (const { entries, position, checksum } of this.records.changesAfter(this.head)) {
      const changes = new IndexChanges(this);
      for (const entry of entries) changes.add(entry.stream, [entry]);
      this.take(changes, { position, streamId: changes.nextStreamId, checksum });
    }
  }
}
