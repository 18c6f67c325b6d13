import { HASH_BYTES, hashChildren } from './hashing.js';
import type { Hash } from './hashing.js';

/** The longest proof that any tree needs: one hash a level, and the first one of a consistency proof. */
const MAX_HASHES = 54;

/** A tree by its size and root. */
export type TreeHead = Readonly<{ size: number; root: Hash }>;

/** A leaf by its number from 0 and its hash. */
export type Leaf = Readonly<{ index: number; hash: Hash }>;

/**
 * Returns whether a proof shows that a leaf is in a tree (RFC 9162, section 2.1.3.2). It never throws: a proof that
 * makes no sense shows nothing.
 */
export const provesInclusion = (proof: readonly Hash[], leaf: Leaf, { size, root }: TreeHead): boolean => {
  if (!isCount(leaf.index) || !isCount(size) || leaf.index >= size) return false;
  if (!areHashes([...proof, leaf.hash, root])) return false;
  let [index, last] = [leaf.index, size - 1];
  let hash = leaf.hash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      hash = hashChildren(sibling, hash);
      while (index % 2 === 0 && index !== 0) [index, last] = [half(index), half(last)];
    } else hash = hashChildren(hash, sibling);
    [index, last] = [half(index), half(last)];
  }
  return last === 0 && hash.equals(root);
};

/**
 * Returns whether a proof shows that a tree begins with an earlier one (RFC 9162, section 2.1.4.2). It never throws. The
 * empty tree is the beginning of every tree, and needs an empty proof.
 */
export const provesConsistency = (proof: readonly Hash[], earlier: TreeHead, later: TreeHead): boolean => {
  if (!isCount(earlier.size) || !isCount(later.size) || earlier.size > later.size) return false;
  if (!areHashes([...proof, earlier.root, later.root])) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size === 0) return proof.length === 0;
  const hashes = isPowerOfTwo(earlier.size) ? [earlier.root, ...proof] : [...proof];
  const [first, ...path] = hashes;
  if (!first) return false;
  let [node, last] = [earlier.size - 1, later.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [small, large] = [first, first];
  for (const hash of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [small, large] = [hashChildren(hash, small), hashChildren(hash, large)];
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else large = hashChildren(large, hash);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && small.equals(earlier.root) && large.equals(later.root);
};

const half = (value: number): number => Math.floor(value / 2);

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const areHashes = (hashes: readonly Hash[]): boolean =>
  hashes.length <= MAX_HASHES + 2 && hashes.every(({ length }) => length === HASH_BYTES);

const isPowerOfTwo = (value: number): boolean => {
  let power = 1;
  while (power < value) power *= 2;
  return power === value;
};
