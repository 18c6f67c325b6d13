import type { DomainEvent } from '../event.js';

/**
 * Records a signed checkpoint of the audit log. `note` is the checkpoint as C2SP tlog-checkpoint has it, and `key` the
 * public key of whoever signed it.
 */
export type CheckpointSigned = DomainEvent<'CheckpointSigned', { note: string; key: string }>;

/**
 * Records that the audit log's key was replaced by another of the same name. `note` is signed by both, and names both
 * and the tree at that moment.
 */
export type SigningKeyRotated = DomainEvent<'SigningKeyRotated', { note: string }>;

/**
 * Records that the audit log's key was lost, and that the log goes on under another name and key. `note` is signed by
 * the new key only.
 */
export type SigningKeyReplaced = DomainEvent<'SigningKeyReplaced', { note: string }>;
