import { readEventFrame, type UuidForm } from '../protocol/read-responses.js';
import type { Filterable } from '../rules/event-filter.js';
import type { DamagedLog } from './damaged-log.js';
import { recordCreated, recordRevision, recordStream, recordType } from './record.js';

const NOTHING = Buffer.alloc(0);

/**
 * An event and its position in the log. Its parts are decoded on demand. A damaged event is represented by an entry
 * that throws when it is read, so that a reader gets everything before it and nothing in its place.
 */
export class LogEntry implements Filterable {
  private streamName: string | undefined;
  private typeName: string | undefined;
  private textFrame: Buffer | undefined;

  constructor(
    readonly position: number,
    private readonly bytes: Buffer,
    private readonly damage?: DamagedLog,
  ) {}

  static damaged(position: number, damage: DamagedLog): LogEntry {
    return new LogEntry(position, NOTHING, damage);
  }

  get isDamaged(): boolean {
    return this.damage !== undefined;
  }

  /** @throws DamagedLog */
  get record(): Buffer {
    if (this.damage) throw this.damage;
    return this.bytes;
  }

  /** Position of the next entry in the log; for a damaged entry its own position. */
  get next(): number {
    return this.position + this.bytes.length;
  }

  get stream(): string {
    return (this.streamName ??= recordStream(this.record));
  }

  get type(): string {
    return (this.typeName ??= recordType(this.record));
  }

  get revision(): number {
    return recordRevision(this.record);
  }

  get created(): number {
    return recordCreated(this.record);
  }

  /** Returns the read response for this event. It is encoded once for all readers that want ids as text. */
  frame(uuids: UuidForm): Buffer {
    if (uuids !== 'text') return readEventFrame(this, uuids);
    return (this.textFrame ??= readEventFrame(this, uuids));
  }
}

/** Returns the entries before the first damaged one. @throws DamagedLog if the very first entry is damaged */
export const wholeEntries = (entries: readonly LogEntry[]): readonly LogEntry[] => {
  const damaged = entries.findIndex(({ isDamaged }) => isDamaged);
  if (damaged === -1) return entries;
  if (damaged === 0) void entries[0]!.record;
  return entries.slice(0, damaged);
};
