import { DamagedLog } from './damaged-log.js';
import type { KnownOfDamaged, LogEntry } from './log-entry.js';
import type { RecordLog } from './record-log.js';
import { recordRevision, recordStream } from './record.js';
import type { StreamState } from './stream-state.js';

type Index = Readonly<{
  streamState(name: string): StreamState | undefined;
  /** Returns positions of the events of a stream from one revision to another. */
  forwards(streamId: number, first: number, last: number, limit: number): readonly number[];
}>;

/** The most damaged events that are remembered. A log with more damage needs somebody to look at it. */
const MOST = 1_000;

/**
 * Finds out which events the damaged records of a log were. What a damaged record says about itself counts only if the
 * index confirms it: the index was made when the record was whole, and must have this event of this stream at this
 * position.
 */
export class KnownDamage {
  private readonly known = new Map<number, KnownOfDamaged>();

  constructor(
    private readonly records: RecordLog,
    private readonly index: Index,
  ) {}

  /** Returns an entry of the log; a damaged one with all that is known of it. @throws LogUnavailable */
  inLog(entry: LogEntry, head: number): LogEntry {
    return entry.isDamaged ? entry.knownAs(this.find(entry.position, head)) : entry;
  }

  /** Returns an entry of a stream. A damaged one gets its stream and revision, which the caller knows. */
  inStream(entry: LogEntry, stream: string, revision: number, head: number): LogEntry {
    if (!entry.isDamaged) return entry;
    const { next = entry.position, created = Date.now() } = this.find(entry.position, head) ?? {};
    return entry.knownAs({ stream, revision, next, created });
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
      return { stream, revision, next: position + bytes.length, created };
    } catch (error) {
      if (error instanceof DamagedLog) return undefined;
      throw error;
    }
  }
}
