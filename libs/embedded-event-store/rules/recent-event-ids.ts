/** Bytes of ids EventStoreDB remembers (ESConsts.CommitedEventsMemCacheLimit). */
const LIMIT_BYTES = 8 * 1024 * 1024;
/** What EventStoreDB counts for one beside the stream's name (IndexWriter, `_committedEvents`). */
const ENTRY_BYTES = 28;

interface Entry {
  readonly stream: string;
  readonly revision: number;
}

/**
 * Ids of the events committed lately, oldest forgotten first, empty after a start: EventStoreDB knows a repeat
 * written with `any` by nothing else (IndexWriter.cs, BoundedCache.cs), so neither do we.
 */
export class RecentEventIds {
  private readonly entries = new Map<string, Entry>();
  /** Oldest first; those before `oldest` are forgotten. (A Map's own order costs a walk over what was deleted.) */
  private queue: string[] = [];
  private oldest = 0;
  private size = 0;

  constructor(private readonly limit = LIMIT_BYTES) {}

  /** Revision the event has in `stream`; undefined if forgotten or of another stream. */
  revisionIn(stream: string, id: string): number | undefined {
    const entry = this.entries.get(id);
    return entry?.stream === stream ? entry.revision : undefined;
  }

  /** An id that is remembered already keeps the revision it has. */
  add(id: string, stream: string, revision: number): void {
    if (this.entries.has(id)) return;
    while (this.size > this.limit) this.forgetOldest();
    this.entries.set(id, { stream, revision });
    this.queue.push(id);
    this.size += sizeOf(stream);
  }

  private forgetOldest(): void {
    const id = this.queue[this.oldest++]!;
    this.size -= sizeOf(this.entries.get(id)!.stream);
    this.entries.delete(id);
    if (this.oldest * 2 < this.queue.length) return;
    this.queue = this.queue.slice(this.oldest);
    this.oldest = 0;
  }
}

const sizeOf = (stream: string): number => ENTRY_BYTES + 2 * stream.length;
