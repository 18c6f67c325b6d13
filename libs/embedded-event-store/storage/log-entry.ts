import { damagedFrame } from '../protocol/damaged-frame.js';
import { readEventFrame, type UuidForm } from '../protocol/read-responses.js';
import type { Filterable } from '../rules/event-filter.js';
import type { DamagedLog } from '../record/damaged-log.js';
import { recordCreated, recordRevision, recordStream, recordType } from '../record/record.js';

const NOTHING = Buffer.alloc(0);

/** The certain facts about an event whose record is damaged. */
export interface KnownOfDamaged {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  /** Position of the entry written after it. */
  readonly next: number;
  /** Time in ms since 1970. The event was recorded then or earlier. */
  readonly created: number;
}

/**
 * An event and its position in the log. Its parts are decoded on demand. A damaged event is represented by an entry
 * that throws when it is read, so that a reader gets everything before it and nothing in its place. The entry says
 * which event it was, if that is known.
 */
export class LogEntry implements Filterable {
  private streamName: string | undefined;
  private typeName: string | undefined;
  private textFrame: Buffer | undefined;
  private foundEnd: number | undefined;

  constructor(
    readonly position: number,
    private readonly bytes: Buffer,
    private readonly damage?: DamagedLog,
    private readonly known?: KnownOfDamaged,
  ) {}

  static damaged(position: number, damage: DamagedLog): LogEntry {
    return new LogEntry(position, NOTHING, damage);
  }

  /**
   * Notes that the entry was found by reading backwards from this position. A damaged one must end there. Returns the
   * entry itself.
   */
  endingAt(end: number): LogEntry {
    if (this.isDamaged) this.foundEnd = end;
    return this;
  }

  /** Where the entry ends, if it is damaged and was found by reading backwards. */
  get end(): number | undefined {
    return this.foundEnd;
  }

  /**
   * Returns the entry with the facts about its event. If it was found by reading backwards, the facts count only if
   * they give it the same end.
   */
  knownAs(known: KnownOfDamaged | undefined): LogEntry {
    const isIt = known && (this.foundEnd === undefined || this.foundEnd === known.next);
    return isIt ? new LogEntry(known.position, NOTHING, this.damage, known) : this;
  }

  get isDamaged(): boolean {
    return this.damage !== undefined;
  }

  /** Whether the event is damaged but known: which one it was, and where the next one is. */
  get isKnownDamage(): boolean {
    return this.known !== undefined;
  }

  /** @throws DamagedLog */
  get record(): Buffer {
    if (this.damage) throw this.damage;
    return this.bytes;
  }

  /** Position of the next entry in the log. An entry that is damaged and not known has its own position here. */
  get next(): number {
    return this.known?.next ?? this.position + this.bytes.length;
  }

  get stream(): string {
    return (this.streamName ??= this.known?.stream ?? recordStream(this.record));
  }

  get type(): string {
    return (this.typeName ??= recordType(this.record));
  }

  get revision(): number {
    return this.known?.revision ?? recordRevision(this.record);
  }

  get created(): number {
    return this.known?.created ?? recordCreated(this.record);
  }

  /** Returns the read response for this event. It is encoded once for all readers that want ids as text. */
  frame(uuids: UuidForm): Buffer {
    if (uuids !== 'text') return readEventFrame(this, uuids);
    return (this.textFrame ??= readEventFrame(this, uuids));
  }

  /**
   * Returns the read response that reports a damaged event in its place.
   * @throws DamagedLog if it is not known which event it was
   */
  damagedFrame(): Buffer {
    if (!this.known || !this.damage) void this.record;
    return damagedFrame(this, this.damage!.message);
  }
}

/** Returns the entries before the first damaged one. @throws DamagedLog if the very first entry is damaged */
export const wholeEntries = (entries: readonly LogEntry[]): readonly LogEntry[] => {
  const damaged = entries.findIndex(({ isDamaged }) => isDamaged);
  if (damaged === -1) return entries;
  if (damaged === 0) void entries[0]!.record;
  return entries.slice(0, damaged);
};
