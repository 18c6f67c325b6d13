import { createHash } from 'node:crypto';

/** A SHA-256 of 32 bytes. */
export type Hash = Buffer;

export const HASH_BYTES = 32;

/**
 * RFC 6962, section 2.1: the hash of a leaf begins with another byte than the hash of a node, so that no node can be
 * passed off as a leaf.
 */
const LEAF_PREFIX = Buffer.of(0);
const NODE_PREFIX = Buffer.of(1);

/** Returns the root of the tree without leaves: the hash of nothing. */
export const emptyRoot = (): Hash => createHash('sha256').digest();

/** Returns the hash of a leaf. */
export const hashLeaf = (entry: Uint8Array): Hash =>
  createHash('sha256').update(LEAF_PREFIX).update(entry).digest();

/** Returns the hash of a node with these two children. */
export const hashChildren = (left: Hash, right: Hash): Hash =>
  createHash('sha256').update(NODE_PREFIX).update(left).update(right).digest();
