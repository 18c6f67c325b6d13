import { HASH_BYTES, type Hash } from '#libs/audit-log/merkle/hashing.js';
import type { EventPlace } from '../finding.js';

/** An event's place without the number of its leaf. */
export type LeafPlace = Readonly<{ position: bigint; stream: string; revision: number }>;

const FIRST_ROOM = 1_024;

/**
 * Neighbouring leaves of the tree, with the places of their events. They are kept in a few arrays, because there may be
 * hundreds of thousands.
 */
export class LeafWindow {
  /** The number of the first leaf. */
  first = 0;
  #dropped: Required<EventPlace> | undefined;
  #begin = 0;
  #end = 0;
  #hashes = Buffer.alloc(FIRST_ROOM * HASH_BYTES);
  #positions = new BigInt64Array(FIRST_ROOM);
  #revisions = new Float64Array(FIRST_ROOM);
  #streams: string[] = [];

  get length(): number {
    return this.#end - this.#begin;
  }

  addLeaf(hash: Hash, { position, stream, revision }: LeafPlace): void {
    if (this.#end === this.#positions.length) this.#makeRoom();
    hash.copy(this.#hashes, this.#end * HASH_BYTES);
    this.#positions[this.#end] = position;
    this.#revisions[this.#end] = revision;
    this.#streams[this.#end] = stream;
    this.#end += 1;
  }

  /** Returns a view of a leaf's hash. It changes when leaves are added or dropped. */
  hashOf(leaf: number): Hash {
    const at = this.#begin + leaf - this.first;
    return this.#hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  }

  /** Returns where a leaf's event is, also of the last one that was dropped; undefined for a leaf that is not here. */
  placeOf(leaf: number): Required<EventPlace> | undefined {
    if (leaf === this.#dropped?.leaf) return this.#dropped;
    const at = this.#begin + leaf - this.first;
    if (at < this.#begin || at >= this.#end) return undefined;
    const [position, revision] = [String(this.#positions[at]!), this.#revisions[at]!];
    return { position, stream: this.#streams[at]!, revision, leaf };
  }

  /** Drops all leaves before `end`. */
  dropUpTo(end: number): void {
    const dropped = Math.min(Math.max(0, end - this.first), this.length);
    if (dropped > 0) this.#dropped = this.placeOf(this.first + dropped - 1);
    this.first += dropped;
    this.#begin += dropped;
    if (this.#begin === this.#end) this.#begin = this.#end = 0;
  }

  /** Moves the leaves to the front, into larger arrays when more than half of the room is in use. */
  #makeRoom(): void {
    const [begin, length] = [this.#begin, this.length];
    const room = this.#positions.length;
    const isLarger = length > room / 2;
    const next = isLarger ? room * 2 : room;
    const hashes = isLarger ? Buffer.alloc(next * HASH_BYTES) : this.#hashes;
    this.#hashes.copy(hashes, 0, begin * HASH_BYTES, this.#end * HASH_BYTES);
    const positions = isLarger ? new BigInt64Array(next) : this.#positions;
    positions.set(this.#positions.subarray(begin, this.#end));
    const revisions = isLarger ? new Float64Array(next) : this.#revisions;
    revisions.set(this.#revisions.subarray(begin, this.#end));
    this.#streams = this.#streams.slice(begin, this.#end);
    [this.#hashes, this.#positions, this.#revisions] = [hashes, positions, revisions];
    [this.#begin, this.#end] = [0, length];
  }
}
