/** Bytes of ids that EventStoreDB remembers (ESConsts.CommitedEventsMemCacheLimit). */
const LIMIT_BYTES = 8 * 1024 * 1024;
/** Bytes that EventStoreDB counts for an id, besides the stream's name (IndexWriter, `_committedEvents`). */
const ENTRY_BYTES = 28;
const WORDS = 4;
const NONE = -1;

/**
 * Remembers the ids of recently written events. The oldest are forgotten first, and after a start it is empty.
 * EventStoreDB recognizes a repeated write with `any` by nothing else (IndexWriter.cs, BoundedCache.cs), so we do the
 * same.
 *
 * It is a hash table in typed arrays, with entries in order of arrival, because a Map of several hundred thousand
 * objects costs the garbage collector more than everything else in the server.
 */
export class RecentEventIds {
  private readonly capacity: number;
  private readonly words: Uint32Array;
  private readonly streams: Uint32Array;
  private readonly revisions: Float64Array;
  private readonly sizes: Uint32Array;
  private readonly older: Int32Array;
  private readonly newest: Int32Array;
  /** Number of entries ever added, and of those forgotten. The place of an entry is its number modulo the capacity. */
  private count = 0;
  private forgotten = 0;
  private size = 0;

  constructor(private readonly limit = LIMIT_BYTES) {
    this.capacity = Math.ceil(limit / ENTRY_BYTES) + 1;
    // Filling the arrays claims their memory at the start, so that any later growth of the process comes from
    // elsewhere.
    this.words = new Uint32Array(this.capacity * WORDS).fill(0);
    this.streams = new Uint32Array(this.capacity).fill(0);
    this.revisions = new Float64Array(this.capacity).fill(0);
    this.sizes = new Uint32Array(this.capacity).fill(0);
    this.older = new Int32Array(this.capacity).fill(NONE);
    this.newest = new Int32Array(2 ** Math.ceil(Math.log2(this.capacity))).fill(NONE);
  }

  /**
   * Returns the revision of the event with this id (16 bytes) in a stream; undefined if it is forgotten or in another
   * stream.
   */
  revisionIn(streamId: number, id: Buffer): number | undefined {
    const place = this.find(id);
    return place !== NONE && this.streams[place] === streamId ? this.revisions[place] : undefined;
  }

  /** Adds an id. An id that is remembered already keeps its revision. */
  rememberId(id: Buffer, streamId: number, streamName: string, revision: number): void {
    if (this.find(id) !== NONE) return;
    while (this.size > this.limit || this.count - this.forgotten === this.capacity) this.forgetOldest();
    const place = this.count % this.capacity;
    for (let word = 0; word < WORDS; word += 1) this.words[place * WORDS + word] = id.readUInt32LE(word * 4);
    this.streams[place] = streamId;
    this.revisions[place] = revision;
    this.sizes[place] = ENTRY_BYTES + 2 * streamName.length;
    this.size += this.sizes[place];
    const bucket = this.bucketOf(place);
    this.older[place] = this.newest[bucket]!;
    this.newest[bucket] = place;
    this.count += 1;
  }

  /** A mark for `forgetSince`, which removes everything added after it. */
  get mark(): number {
    return this.count;
  }

  /** Removes the ids added since a mark, because their events were not committed. */
  forgetSince(mark: number): void {
    while (this.count > mark && this.count > this.forgotten) {
      this.count -= 1;
      const place = this.count % this.capacity;
      this.newest[this.bucketOf(place)] = this.older[place]!;
      this.size -= this.sizes[place]!;
    }
  }

  private forgetOldest(): void {
    const place = this.forgotten % this.capacity;
    this.forgotten += 1;
    this.size -= this.sizes[place]!;
    const bucket = this.bucketOf(place);
    if (this.newest[bucket] === place) {
      this.newest[bucket] = NONE; // the oldest entry of all is also the oldest of its bucket
      return;
    }
    let newer = this.newest[bucket]!;
    while (this.older[newer] !== place) newer = this.older[newer]!;
    this.older[newer] = NONE;
  }

  private find(id: Buffer): number {
    const a = id.readUInt32LE(0);
    const b = id.readUInt32LE(4);
    const c = id.readUInt32LE(8);
    const d = id.readUInt32LE(12);
    let place = this.newest[hash(a, b, c, d) & (this.newest.length - 1)]!;
    while (place !== NONE) {
      const at = place * WORDS;
      const { words } = this;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return place;
      place = this.older[place]!;
    }
    return NONE;
  }

  private bucketOf(place: number): number {
    const at = place * WORDS;
    const { words } = this;
    return hash(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!) & (this.newest.length - 1);
  }
}

/** Mixes all bits of all words into the low ones, because ids made from the time differ in only a few places. */
const hash = (a: number, b: number, c: number, d: number): number => {
  let mixed = Math.imul(a ^ Math.imul(b, 0x85eb_ca6b) ^ Math.imul(c, 0xc2b2_ae35) ^ d, 0x9e37_79b1);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b_3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
};
