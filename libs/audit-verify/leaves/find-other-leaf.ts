import { Frontier } from '#libs/audit-log/merkle/frontier.js';
import { HASH_BYTES } from '#libs/audit-log/merkle/hashing.js';
import type { OtherTree } from './compared-tree.js';

/**
 * Gives the hashes of leaves, one after the other, from wherever tiles of the tree are kept; undefined when they are
 * not known there. It need not be trusted.
 */
export type LeafSource = (first: number, count: number) => Promise<Buffer | undefined>;

/** The most leaves that are fetched to find a wrong one. */
const MAX_FETCHED = 524_288;

/**
 * Finds the first leaf in which the log differs from a signed tree. The leaves of the signed tree come from a source,
 * and are believed only if they are those that were signed. The answer is the number of leaves that the signed tree can
 * cover if they are all right, so that others must be missing after them. Undefined: nobody knows the signed leaves any
 * more.
 */
export const findOtherLeaf = async (
  { head, proven, leaves, has }: OtherTree,
  source: LeafSource,
): Promise<number | undefined> => {
  const count = head.size - proven.size;
  if (count <= 0 || count > MAX_FETCHED || leaves.first > proven.size) return undefined;
  const signed = await source(proven.size, count);
  if (signed?.length !== count * HASH_BYTES) return undefined;
  const tree = new Frontier(proven.size, proven.edge);
  const leafAt = (index: number): Buffer => signed.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  for (let index = 0; index < count; index += 1) tree.append(leafAt(index));
  if (!tree.root().equals(head.root)) return undefined;
  for (let leaf = proven.size; leaf < has; leaf += 1)
    if (!leaves.hashOf(leaf).equals(leafAt(leaf - proven.size))) return leaf;
  return has;
};
