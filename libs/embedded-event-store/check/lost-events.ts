import { TOMBSTONE_REVISION, recordRevision, recordStream } from '../record/record.js';

/** A range of revisions of a stream, both ends included. */
export interface LostRange {
  readonly stream: string;
  readonly first: number;
  readonly last: number;
}

export interface LostRevisions {
  /** Revisions missing between existing events. */
  readonly gaps: readonly LostRange[];
  /** Streams whose first remaining event is not revision 0. Earlier events were lost or scavenged. */
  readonly beginnings: readonly LostRange[];
}

/** Finds the missing revisions, given every remaining event in the order of the log. */
export class LostEvents {
  private readonly next = new Map<string, number>();
  private readonly gaps: LostRange[] = [];
  private readonly beginnings: LostRange[] = [];

  noteRecord(record: Buffer): void {
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

  lostRevisions(): LostRevisions {
    return { gaps: this.gaps, beginnings: this.beginnings };
  }
}
