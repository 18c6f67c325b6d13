import { readEventFrame, type UuidForm } from '../protocol/read-responses.js';
import type { Filterable } from '../rules/event-filter.js';
import type { DamagedLog } from './damaged-log.js';
import { recordCreated, recordRevision, recordStream, recordType } from './record.js';

const NOTHING = Buffer.alloc(0);

/**
 * An event at its place in the log. What it is made of is decoded when asked for. In place of one that is damaged stands
 * an entry that throws when it is, so that a reader gets what lies before it, and nothing in its place.
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

  /** Where the entry written after it is; of a damaged one, itself. */
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

  /** The read response with it; encoded once for all readers that want ids as text. */
  frame(uuids: UuidForm): Buffer {
    if (uuids !== 'text') return readEventFrame(this, uuids);
    return (this.textFrame ??= readEventFrame(this, uuids));
  }
}

/** The entries before the first that is damaged. @throws DamagedLog if that is the first of them */
export const wholeEntries = (entries: readonly LogEntry[]): readonly LogEntry[] => {
  const damaged = entries.findIndex(({ isDamaged }) => isDamaged);
  if (damaged === -1) return entries;
  if (damaged === 0) void entries[0]!.record;
  return entries.slice(0, damaged);
};
