import type { IndexedPart } from './index-search.js';
import type { KnownOfDamaged } from './log-entry.js';
import { FRAME_MIN, isFrameAt, recordChecksum, recordPrevious, frameLength } from '../record/record.js';
import type { Segments } from './segments.js';

/** Returns what the index has of a part of the log. @throws Error if the index can't be read */
export type SearchIndex = (low: number, high: number) => Promise<IndexedPart>;

/** A part, and where the log ended when it was looked up. */
type Part = IndexedPart & Readonly<{ head: number }>;

/** Which event was at a place of the log. */
export type FoundEvent = Omit<KnownOfDamaged, 'created'>;

/** Bytes around a damaged place whose events are looked up with it, so that its neighbours need no search. */
const AROUND = 4 * 1024 * 1024;
/** Bytes at both ends of a part whose records may not be in it completely. No record is longer. */
const MARGIN = 2 * 1024 * 1024;
/** Number of parts that are remembered. */
const MOST = 4;
const LENGTH_SIZE = 4;

/**
 * Parts of the log whose events were looked up in the whole index, which was made when their records were whole. So it
 * is known which events were there, even where no byte of them is left.
 */
export class SearchedParts {
  private parts: readonly Part[] = [];
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly segments: Segments,
    private readonly searchIndex: SearchIndex,
  ) {}

  /**
   * Looks up the events around a position of a log that ends at `head`, one search at a time. Nothing is known after
   * it if the index can't be read.
   */
  async search(position: number, head: number): Promise<void> {
    const before = this.running;
    const mine = (async () => {
      await before;
      if (!this.parts.some((part) => isWithin(part, position))) await this.add(position, head);
    })();
    this.running = mine.catch(() => undefined);
    await this.running;
  }

  /** Returns the event that begins at a position, if it was looked up and its end is certain. */
  at(position: number): FoundEvent | undefined {
    for (const part of this.partsWith(position)) {
      const found = this.eventOf(
        part,
        part.events.findIndex((event) => event.position === position),
      );
      if (found) return found;
    }
    return undefined;
  }

  /** Returns the event that ends at a position, if it was looked up and its end is certain. */
  endingAt(end: number): FoundEvent | undefined {
    for (const part of this.partsWith(end - 1)) {
      const found = this.eventOf(
        part,
        part.events.findLastIndex(({ position }) => position < end),
      );
      if (found?.next === end) return found;
    }
    return undefined;
  }

  /** Forgets everything, because events were scavenged. */
  forgetAll(): void {
    this.parts = [];
  }

  private partsWith(position: number): readonly Part[] {
    return this.parts.filter(({ low, high }) => low <= position && position < high);
  }

  private async add(position: number, head: number): Promise<void> {
    const part = await this.searchIndex(Math.max(0, position - AROUND), Math.min(position + AROUND, head));
    const events = part.events.filter((event) => this.segments.isKept(event.position));
    this.parts = [...this.parts, { ...part, events, head }].slice(-MOST);
  }

  private eventOf(part: Part, index: number): FoundEvent | undefined {
    const event = part.events[index];
    const stream = event && part.names.get(event.streamId);
    if (!event || stream === undefined) return undefined;
    const { position, revision } = event;
    const pieceEnd = this.pieceEnd(position, part.head);
    const following = part.events[index + 1]?.position;
    // The last event of the part may have others behind it that the part does not show.
    if (following === undefined && pieceEnd > part.high) return undefined;
    const next = Math.min(following ?? pieceEnd, pieceEnd);
    if (part.hasTombstones && !this.isOneRecord(position, next, part.head)) return undefined;
    return { position, stream, revision, next };
  }

  /** Returns where the segment that holds a position ends, or the range that was kept of it. */
  private pieceEnd(position: number, head: number): number {
    const range = this.segments.scavengedAt(position)?.at(position);
    return range ? range.start + range.length : (this.segments.nextSegmentBase(position) ?? head);
  }

  /**
   * Returns whether what is left of the bytes between two positions shows that they were one record: its length at
   * either end, or the checksum that the record after it holds.
   */
  private isOneRecord(from: number, to: number, head: number): boolean {
    const header = this.segments.read(from, FRAME_MIN, head);
    if (header.length < FRAME_MIN) return false;
    const length = to - from;
    if (frameLength(header, 0) === length) return true;
    if (this.segments.read(to - LENGTH_SIZE, LENGTH_SIZE, head).readUInt32BE(0) === length) return true;
    const behind = to < head ? this.segments.read(to, FRAME_MIN, head) : undefined;
    if (!behind || behind.length < FRAME_MIN || !isFrameAt(behind, 0, to)) return false;
    const record = this.segments.read(to, frameLength(behind, 0), head);
    return record.length === frameLength(behind, 0) && recordPrevious(record) === recordChecksum(header);
  }
}

/** Returns whether the records around a position are completely in a part. */
const isWithin = ({ low, high, head }: Part, position: number): boolean =>
  position >= (low <= 0 ? low : low + MARGIN) && position < (high === head ? high : high - MARGIN);
