import { hash } from 'node:crypto';

/** A SHA-256 of 32 bytes. */
export type Hash = Buffer;

export const HASH_BYTES = 32;

/**
 * RFC 6962, section 2.1: the hash of a leaf begins with another byte than the hash of a node, so that no node can be
 * passed off as a leaf.
 */
const LEAF_PREFIX = Buffer.of(0);
const NODE_PREFIX = Buffer.of(1);

/** Hashes in one call, which takes a third of the time of an object that is fed piece by piece. */
export const sha256 = (bytes: Uint8Array): Hash => hash('sha256', bytes, 'buffer');

/** Returns the root of the tree without leaves: the hash of nothing. */
export const emptyRoot = (): Hash => sha256(Buffer.alloc(0));

/** Returns the hash of a leaf. */
export const hashLeaf = (entry: Uint8Array): Hash => sha256(Buffer.concat([LEAF_PREFIX, entry]));

/** Returns the hash of a node with these two children. */
export const hashChildren = (left: Hash, right: Hash): Hash =>
  sha256(Buffer.concat([NODE_PREFIX, left, right]));
