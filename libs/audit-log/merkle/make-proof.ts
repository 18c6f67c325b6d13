import { joinSubtrees, splitOf, subtreesOf } from './subtrees.js';
import type { Hash } from './hashing.js';
import type { Leaves, Subtree } from './subtrees.js';

/** Finds the hashes of full subtrees, in the order in which they were asked for. */
export type HashReader = (nodes: readonly Subtree[]) => Promise<readonly Hash[]>;

/**
 * Returns the path that proves that leaf `index` is in the tree of `size` leaves (RFC 6962, section 2.1.1): the lowest
 * hash first.
 *
 * @throws RangeError when the tree has no such leaf
 */
export const proveInclusion = (index: number, size: number, read: HashReader): Promise<Hash[]> => {
  requireSize(size, size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError(`A tree of ${size} leaves has no leaf ${index}`);
  return hashesOf(pathTo(index, size), read);
};

/**
 * Returns the hashes that prove that the tree of `size` leaves begins with the tree of `earlier` leaves (RFC 6962,
 * section 2.1.2). The proof is empty when both are the same, or the earlier one is empty.
 *
 * @throws RangeError when the earlier tree is the larger one
 */
export const proveConsistency = (earlier: number, size: number, read: HashReader): Promise<Hash[]> => {
  requireSize(earlier, size);
  return hashesOf(earlier === 0 ? [] : consistencyPath(earlier, size), read);
};

/** Returns the root of the first `size` leaves. @throws RangeError for an empty tree */
export const rootOf = async (size: number, read: HashReader): Promise<Hash> => {
  if (size < 1) throw new RangeError('An empty tree has no nodes');
  const [root] = await hashesOf([{ begin: 0, end: size }], read);
  return root!;
};

const requireSize = (earlier: number, size: number): void => {
  if (![earlier, size].every((given) => Number.isSafeInteger(given) && given >= 0) || earlier > size)
    throw new RangeError(`There is no tree of ${earlier} leaves in one of ${size}`);
};

const pathTo = (index: number, size: number): Leaves[] => {
  const path: Leaves[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    path.push(index < middle ? { begin: middle, end } : { begin, end: middle });
    [begin, end] = index < middle ? [begin, middle] : [middle, end];
  }
  return path.toReversed();
};

const consistencyPath = (earlier: number, size: number): Leaves[] => {
  const path: Leaves[] = [];
  let [begin, end] = [0, size];
  while (end !== earlier) {
    const middle = begin + splitOf(end - begin);
    const isLeft = earlier <= middle;
    path.push(isLeft ? { begin: middle, end } : { begin, end: middle });
    [begin, end] = isLeft ? [begin, middle] : [middle, end];
  }
  // The verifier knows the earlier root, but not a part of it.
  if (begin > 0) path.push({ begin, end });
  return path.toReversed();
};

/** Reads all full subtrees at once, and joins them to the hashes of the path. */
const hashesOf = async (path: readonly Leaves[], read: HashReader): Promise<Hash[]> => {
  const parts = path.map(subtreesOf);
  const hashes = await read(parts.flat());
  let at = 0;
  return parts.map(({ length }) => joinSubtrees(hashes.slice(at, (at += length))));
};
