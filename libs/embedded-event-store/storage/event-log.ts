import path from 'node:path';
import { keptOfSegment } from './kept-of-segment.js';
import { IndexChanges, type IndexedStreams } from './index-changes.js';
import type { CommitGroup } from './commit-group.js';
import { AcknowledgedEnd } from './acknowledged-end.js';
import { belongsToLog } from './belongs-to-log.js';
import { DamagedLog } from '../record/damaged-log.js';
import { IndexUpkeep } from './index-upkeep.js';
import { KeptRanges } from './kept-ranges.js';
import { KnownDamage } from './known-damage.js';
import type { LogEntry } from './log-entry.js';
import type { Head } from './log-index.js';
import type { LogReports } from './log-reports.js';
import { RecordLog } from './record-log.js';
import { LEAST_ROOM, requireRoom } from './room.js';
import { StreamEntries } from './stream-entries.js';
import type { StreamPlace } from './stream-entries.js';
import { Segments } from './segments.js';
import type { StreamState } from './stream-state.js';
import { checkTail } from './tail.js';

/** The start of the log. Position 0 is unused, as on the real server, whose log begins with a record of its own. */
export const START: Head = { position: 256, streamId: 1, checksum: 0 };
export const INDEX_FILE = 'index.mdb';
export const END_FILE = 'acknowledged.end';
/** Records checked at a time. */
const PAGE = 256;

/**
 * Stores the log on disk, as records in segment files. A record is committed when it is synced there. An index in LMDB,
 * which follows the log, knows where the events of a stream are and the state of each stream. Reads are synchronous;
 * they see everything that is committed and nothing else.
 */
export class EventLog implements IndexedStreams {
  private readonly index: IndexUpkeep;
  private readonly segments: Segments;
  private readonly records: RecordLog;
  private readonly damage: KnownDamage;
  private readonly streams: StreamEntries;
  private readonly acknowledged: AcknowledgedEnd;
  private head: Head;
  /** Whether bytes of a failed group may lie beyond the head. */
  private torn = false;

  /**
   * Finds the end of the log: it is as far behind the indexed part as complete changes follow. Bytes that a crash left
   * after it are cut off, if nothing there can ever have been acknowledged. @throws LogUnavailable, or DamagedLog with
   * nothing changed
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
      this.damage = new KnownDamage(this.records, this.index, segments);
      this.streams = new StreamEntries(this.index, this.segments, this.records, this.damage);
      if (!belongsToLog(this.head, segments, this.records, this.acknowledged.known)) {
        say('index.mdb belongs to another log: it is built again');
        this.index.forget();
        this.head = START;
      }
      this.takeTail();
      const left = checkTail(this.segments, this.head.position, this.acknowledged.known);
      if (left > 0) {
        this.segments.cutNow(this.head.position);
        say(`cut off ${left} bytes at the end: they are part of an append that was never acknowledged`);
      }
      this.segments.removeSuperseded();
    } catch (error) {
      void this.index.discard();
      segments?.close();
      throw error;
    }
    if (this.head !== START) this.acknowledged.noteEnd(this.head.position);
  }

  /** The end of the log: the position of the next record, and the checksum that it is chained to. */
  get end(): Head {
    return this.head;
  }

  get nextPosition(): number {
    return this.head.position;
  }

  /** Returns the position of the last event before `end`. If it is damaged, this may be a position inside of it. */
  newestPosition(end = this.nextPosition): number | undefined {
    const [newest] = this.readAll(end, 'backwards', 1);
    return newest && Math.min(newest.position, end - 1);
  }

  get nextStreamId(): number {
    return this.head.streamId;
  }

  /** @throws LogUnavailable */
  streamState(name: string): StreamState | undefined {
    return this.index.streamState(name);
  }

  /** Returns the entry of a stream's revision. @throws LogUnavailable */
  entryAt(streamId: number, revision: number): LogEntry | undefined {
    const [position] = this.index.forwards(streamId, revision, revision, 1);
    if (position === undefined || !this.segments.isKept(position)) return undefined;
    return this.records.at(position, this.nextPosition);
  }

  /**
   * Returns whether `$all` can be read from this position: a record begins there, or did before it was scavenged or
   * damaged, or the position is before or after all records. @throws LogUnavailable
   */
  async isReadable(position: number): Promise<boolean> {
    const head = this.nextPosition;
    return (
      position <= START.position ||
      position >= head ||
      !this.segments.isKept(position) ||
      this.records.isRecord(position, head) ||
      this.damage.hasEventAt(position, head)
    );
  }

  /** Returns the position of the entry after the one at a readable position. */
  positionAfter(position: number): number {
    if (position < START.position) return START.position;
    if (position >= this.nextPosition || !this.segments.isKept(position)) return position;
    return this.readAll(position, 'forwards', 1)[0]!.next;
  }

  /** Returns the first revision from `first` to `last` that was not scavenged. @throws LogUnavailable */
  firstStored(streamId: number, first: number, last: number): number {
    return this.streams.firstStored(streamId, first, last);
  }

  /** Makes the next records go into a new segment, so that all present ones can be scavenged. */
  endSegment(): void {
    this.segments.endCurrent();
  }

  /** Returns the segments that take no more records, by position. Their records are indexed once this resolves. */
  async completeSegments(): Promise<readonly { readonly base: number; readonly end: number }[]> {
    const { complete } = this.segments;
    await this.index.flush();
    return complete;
  }

  /**
   * Removes from a complete segment the entries that `keeps` refuses, and frees their space. Positions and revisions
   * stay the same. @returns bytes freed
   */
  async scavenge(
    segment: { base: number; end: number },
    keeps: (entry: LogEntry) => boolean,
  ): Promise<number> {
    const scavenged = this.segments.scavengedAt(segment.base)?.checksum;
    const { ranges, removed, checksum } = await keptOfSegment(this.records, segment, keeps, scavenged);
    if (removed === 0) return 0;
    await this.segments.keepOnly(new KeptRanges(segment.base, ranges, segment.end, checksum), ranges);
    this.damage.forgetSearched();
    return removed;
  }

  /**
   * Reads some records from a position on, and looks them up in the index, so that damage is reported before a reader
   * meets it. Behind a damaged record it goes on with the next one, or with the next file if that is not known.
   * @returns the position to continue from; undefined at the end. @throws DamagedIndex | LogUnavailable
   */
  async checkRecordsFrom(from: number): Promise<number | undefined> {
    try {
      const entries = await this.readAllSearched(from, 'forwards', PAGE);
      for (const entry of entries) if (!entry.isDamaged) this.index.requireEvent(entry);
      const last = entries.at(-1);
      return last?.isDamaged && !last.isKnownDamage
        ? this.segments.nextSegmentBase(last.position)
        : last?.next;
    } catch (error) {
      if (error instanceof DamagedLog) return this.segments.nextSegmentBase(from);
      throw error;
    }
  }

  /**
   * Returns entries from a readable position on (backwards: the entries before it), at most `limit`. A damaged entry is
   * always the last one. A caller can read on from its `next` position if it is known which event it was.
   */
  readAll(from: number, direction: 'forwards' | 'backwards', limit: number): LogEntry[] {
    const head = this.nextPosition;
    return this.entriesOfAll(from, direction, limit).map((entry) => this.damage.inLog(entry, head));
  }

  /** Does the same. For a damaged entry that is not known, the whole index is searched first, which may take seconds. */
  async readAllSearched(
    from: number,
    direction: 'forwards' | 'backwards',
    limit: number,
  ): Promise<LogEntry[]> {
    const head = this.nextPosition;
    const entries = this.entriesOfAll(from, direction, limit);
    const last = entries.at(-1);
    if (last?.isDamaged) entries.splice(-1, 1, await this.damage.inLogSearched(last, head));
    return entries;
  }

  /**
   * Returns entries of a stream with revisions from `first` to `last`, in the given direction, at most `limit`.
   * @throws LogUnavailable
   */
  readStream(
    stream: StreamPlace,
    first: number,
    last: number,
    direction: 'forwards' | 'backwards',
    limit: number,
  ): LogEntry[] {
    return this.streams.read(stream, { first, last, direction, limit }, this.nextPosition);
  }

  /**
   * Writes a whole group or nothing. Resolves when it is synced to disk. @throws Error if that failed; the group is
   * then not part of the log, unless the process ends before its bytes could be cut off
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
    this.acknowledged.noteEnd(group.head.position);
    this.adoptChanges(group.changes, group.head);
  }

  /** Whether bytes of a failed group may lie behind the end. */
  get isTorn(): boolean {
    return this.torn;
  }

  /**
   * Tests whether the log can grow by the size of the largest append: it writes that many bytes behind the end, syncs
   * them, and cuts them off again. Nobody may commit meanwhile. @throws the disk's error
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

  private entriesOfAll(from: number, direction: 'forwards' | 'backwards', limit: number): LogEntry[] {
    const head = this.nextPosition;
    return direction === 'forwards'
      ? this.records.forwards(from, head, limit)
      : this.records.backwards(Math.min(from, head), head, limit);
  }

  private async cutTorn(): Promise<void> {
    if (!this.torn) return;
    await this.segments.cutAt(this.nextPosition);
    this.torn = false;
  }

  private adoptChanges(changes: IndexChanges, head: Head): void {
    this.head = head;
    this.index.addChanges(changes, head);
  }

  private takeTail(): void {
    for (const { entries, position, checksum } of this.records.changesAfter(this.head)) {
      const changes = new IndexChanges(this);
      for (const entry of entries) changes.addEntries(entry.stream, [entry]);
      this.adoptChanges(changes, { position, streamId: changes.nextStreamId, checksum });
    }
  }
}
