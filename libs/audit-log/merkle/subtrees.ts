import { hashChildren } from './hashing.js';
import type { Hash } from './hashing.js';

/**
 * A node over a full subtree: level 0 holds the leaves, and node `index` of level `level` covers the leaves from
 * `index × 2^level` to before `(index + 1) × 2^level`.
 */
export type Subtree = Readonly<{ level: number; index: number }>;

/** Some neighbouring leaves: from `begin` to before `end`. */
export type Leaves = Readonly<{ begin: number; end: number }>;

/** Returns the largest power of two that is smaller than `size`, which must be at least 2. */
export const splitOf = (size: number): number => {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
};

/**
 * Returns the full subtrees that make up some leaves, from left to right. `begin` must be where the tree itself would
 * begin a subtree of that size.
 */
export const subtreesOf = ({ begin, end }: Leaves): Subtree[] => {
  const found: Subtree[] = [];
  for (let from = begin; from < end;) {
    let [level, width] = [0, 1];
    while (from + width * 2 <= end) [level, width] = [level + 1, width * 2];
    found.push({ level, index: from / width });
    from += width;
  }
  return found;
};

/** Returns the hash over full subtrees that are given from left to right, the largest first. There must be one. */
export const joinSubtrees = (hashes: readonly Hash[]): Hash => {
  let joined = hashes.at(-1)!;
  for (let at = hashes.length - 2; at >= 0; at -= 1) joined = hashChildren(hashes[at]!, joined);
  return joined;
};
