import type { DomainEvent } from '../event.js';

/**
 * Records a signed checkpoint of the audit log. `note` is the checkpoint as C2SP tlog-checkpoint has it, and `key` the
 * public key of whoever signed it.
 */
export type CheckpointSigned = DomainEvent<'CheckpointSigned', { note: string; key: string }>;
