import type { IndexChanges } from './index-changes.js';
import type { LogEntry } from './log-entry.js';
import type { Head } from './log-index.js';

/** Events that become part of the log together. */
export interface CommitGroup {
  /** The bytes of the records. */
  readonly chunks: readonly Buffer[];
  readonly entries: readonly LogEntry[];
  readonly changes: IndexChanges;
  /** The end of the log after the group is written. */
  readonly head: Head;
}
