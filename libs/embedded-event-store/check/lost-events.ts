import { TOMBSTONE_REVISION, recordRevision, recordStream } from '../storage/record.js';

/** Revisions of a stream, both included. */
export interface LostRange {
  readonly stream: string;
  readonly first: number;
  readonly last: number;
}

export interface LostRevisions {
  /** Between events that are there. */
  readonly gaps: readonly LostRange[];
  /** Streams whose first event left is not their first: what was before it is lost, or was scavenged. */
  readonly beginnings: readonly LostRange[];
}

/** Told of all events that are left, in the order of the log, finds the revisions that are not. */
export class LostEvents {
  private readonly next = new Map<string, number>();
  private readonly gaps: LostRange[] = [];
  private readonly beginnings: LostRange[] = [];

  saw(record: Buffer): void {
    const revision = recordRevision(record);
    if (revision === TOMBSTONE_REVISION) return;
    const stream = recordStream(record);
    const expected = this.next.get(stream);
    if (expected === undefined && revision > 0)
      this.beginnings.push({ stream, first: 0, last: revision - 1 });
    if (expected !== undefined && revision > expected)
      this.gaps.push({ stream, first: expected, last: revision - 1 });
    this.next.set(stream, Math.max(expected ?? 0, revision + 1));
  }

  all(): LostRevisions {
    return { gaps: this.gaps, beginnings: this.beginnings };
  }
}
