import { DamagedLog } from '../record/damaged-log.js';
import type { KnownOfDamaged, LogEntry } from './log-entry.js';
import type { RecordLog } from './record-log.js';
import { recordRevision, recordStream } from '../record/record.js';
import { SearchedParts, type SearchIndex } from './searched-parts.js';
import type { Segments } from './segments.js';
import type { StreamState } from './stream-state.js';

type Index = Readonly<{
  streamState(name: string): StreamState | undefined;
  /** Returns positions of the events of a stream from one revision to another. */
  forwards(streamId: number, first: number, last: number, limit: number): readonly number[];
  eventsOfPart: SearchIndex;
}>;

/** The most damaged events that are remembered. A log with more damage needs somebody to look at it. */
const MOST = 1_000;

/**
 * Finds out which events the damaged records of a log were. The index was made when the record was whole. Where the
 * record still says which event of which stream it is, the index must have this event at this position. Otherwise the
 * whole index is searched for the event that it has there.
 */
export class KnownDamage {
  private readonly known = new Map<number, KnownOfDamaged>();
  private readonly parts: SearchedParts;

  constructor(
    private readonly records: RecordLog,
    private readonly index: Index,
    segments: Segments,
  ) {
    this.parts = new SearchedParts(segments, (low, high) => index.eventsOfPart(low, high));
  }

  /** Returns an entry of the log; a damaged one with all that is known of it. @throws LogUnavailable */
  inLog(entry: LogEntry, head: number): LogEntry {
    if (!entry.isDamaged) return entry;
    const asItSays = entry.knownAs(this.find(entry.position, head));
    return asItSays.isKnownDamage ? asItSays : entry.knownAs(this.searched(entry));
  }

  /**
   * Returns an entry of the log. If it is damaged and not known, the whole index is searched for it.
   * @throws LogUnavailable
   */
  async inLogSearched(entry: LogEntry, head: number): Promise<LogEntry> {
    const known = this.inLog(entry, head);
    if (!known.isDamaged || known.isKnownDamage) return known;
    await this.parts.search(entry.end === undefined ? entry.position : entry.end - 1, head);
    return this.inLog(entry, head);
  }

  /** Returns whether the index has an event at a position, although no record begins there any more. */
  async hasEventAt(position: number, head: number): Promise<boolean> {
    if (!this.known.has(position)) await this.parts.search(position, head);
    return this.known.has(position) || this.parts.at(position) !== undefined;
  }

  /** Returns an entry of a stream. A damaged one gets its stream and revision, which the caller knows. */
  inStream(entry: LogEntry, stream: string, revision: number, head: number): LogEntry {
    if (!entry.isDamaged) return entry;
    const { position } = entry;
    const { next = position, created = Date.now() } = this.find(position, head) ?? {};
    return entry.knownAs({ position, stream, revision, next, created });
  }

  /** Forgets what was searched for, because events were scavenged. */
  forgetSearched(): void {
    this.parts.forgetAll();
  }

  private searched({ position, end }: LogEntry): KnownOfDamaged | undefined {
    const found = end === undefined ? this.parts.at(position) : this.parts.endingAt(end);
    return found && { ...found, created: Date.now() };
  }

  private find(position: number, head: number): KnownOfDamaged | undefined {
    const before = this.known.get(position);
    if (before) return before;
    const found = this.look(position, head);
    if (found && this.known.size < MOST) this.known.set(position, found);
    return found;
  }

  private look(position: number, head: number): KnownOfDamaged | undefined {
    try {
      const remains = this.records.remains(position, head);
      if (!remains) return undefined;
      const { bytes, behind } = remains;
      const stream = recordStream(bytes);
      if (stream === '') return undefined;
      const revision = recordRevision(bytes);
      const state = this.index.streamState(stream);
      if (!state || !Number.isSafeInteger(revision) || revision < 0) return undefined;
      const [indexed] = this.index.forwards(state.id, revision, revision, 1);
      if (indexed !== position) return undefined;
      const created = behind?.created ?? Date.now();
      return { position, stream, revision, next: position + bytes.length, created };
    } catch (error) {
      if (error instanceof DamagedLog) return undefined;
      throw error;
    }
  }
}
