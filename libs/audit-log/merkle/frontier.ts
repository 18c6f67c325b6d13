import { emptyRoot, hashChildren } from './hashing.js';
import { joinSubtrees, subtreesOf } from './subtrees.js';
import type { Hash } from './hashing.js';
import type { Subtree } from './subtrees.js';

/** A node that has become full, with its hash. */
export type FullNode = Subtree & Readonly<{ hash: Hash }>;

/**
 * The right edge of a tree: everything that is needed to add leaves and to know the root. It holds one hash for each
 * bit that is set in the number of leaves, so its size is at most 53 hashes, however long the log is.
 */
export class Frontier {
  readonly #edge: Hash[];
  #size: number;

  /**
   * Without arguments it is the tree without leaves. Else it takes the hashes of the full subtrees of a tree of this
   * size, from left to right.
   *
   * @throws RangeError when a tree of this size has another number of full subtrees
   */
  constructor(size = 0, edge: readonly Hash[] = []) {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`A tree can't have ${size} leaves`);
    const wanted = subtreesOf({ begin: 0, end: size }).length;
    if (edge.length !== wanted)
      throw new RangeError(`A tree of ${size} leaves has ${wanted} full subtrees, not ${edge.length}`);
    this.#size = size;
    this.#edge = [...edge];
  }

  /** The number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** The hashes of the full subtrees, from left to right. */
  get edge(): readonly Hash[] {
    return this.#edge;
  }

  /**
   * Adds a leaf by its hash. Calls `onFull` with each node that is full now, the lowest first. The leaf itself is one.
   */
  append(leaf: Hash, onFull?: (node: FullNode) => void): void {
    let hash = leaf;
    let [level, index] = [0, this.#size];
    onFull?.({ level, index, hash });
    while (index % 2 === 1) {
      hash = hashChildren(this.#edge.pop()!, hash);
      [level, index] = [level + 1, (index - 1) / 2];
      onFull?.({ level, index, hash });
    }
    this.#edge.push(hash);
    this.#size += 1;
  }

  /** Returns the root (the Merkle Tree Hash of RFC 6962, section 2.1). */
  root(): Hash {
    return this.#size === 0 ? emptyRoot() : joinSubtrees(this.#edge);
  }
}
