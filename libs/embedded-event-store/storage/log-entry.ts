import { readEventFrame, type UuidForm } from '../protocol/read-responses.js';
import type { Filterable } from '../rules/event-filter.js';
import { recordCreated, recordRevision, recordStream, recordType } from './record.js';

/** An event at its place in the log. What it is made of is decoded when asked for. */
export class LogEntry implements Filterable {
  private streamName: string | undefined;
  private typeName: string | undefined;
  private textFrame: Buffer | undefined;

  constructor(
    readonly position: number,
    readonly record: Buffer,
  ) {}

  /** Where the entry written after it is. */
  get next(): number {
    return this.position + this.record.length;
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
