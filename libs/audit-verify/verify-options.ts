import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';
import type { HeldCheckpoint } from './checkpoints/held-checkpoint.js';
import type { LeafSource } from './leaves/find-other-leaf.js';

/** How far a verification is: events read, and the position of the last one. */
export type VerifiedSoFar = Readonly<{ events: number; position: bigint }>;

export type VerifyOptions = Readonly<{
  /** The log's key, if it is known. Else it is the one that the log's first checkpoint names. */
  key?: NoteVerifier | undefined;
  /** Whether whoever asks has given the key; by default it is so if there is one. */
  keyWasGiven?: boolean;
  /** Checkpoints that somebody kept outside the log. */
  held: readonly HeldCheckpoint[];
  /** A folder for a temporary file. */
  scratch: string;
  /** Where leaves of signed trees may be found, so that a wrong event can be named exactly. */
  leaves?: LeafSource;
  onProgress?(soFar: VerifiedSoFar): void;
}>;
