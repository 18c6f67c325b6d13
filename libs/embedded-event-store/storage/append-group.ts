import { randomUuid } from '../rules/uuid.js';
import { decideAppend, type AppendDecision, type StreamFacts } from '../rules/append-decision.js';
import { NO_EVENTS, type ExpectedRevision } from '../rules/expected-revision.js';
import type { RecentEventIds } from '../rules/recent-event-ids.js';
import {
  KEEP_ALL,
  OF_METASTREAMS,
  SOFT_DELETE_METADATA,
  firstReadable,
  isSoftDeleted,
  oldestReadable,
  undeletedMetadata,
} from '../rules/retention.js';
import type { CommitGroup } from './commit-group.js';
import type { EventLog } from './event-log.js';
import { IndexChanges } from './index-changes.js';
import { LogEntry } from './log-entry.js';
import type { Head } from './log-index.js';
import {
  TOMBSTONE_REVISION,
  encodeRecord,
  recordData,
  recordId,
  recordSize,
  sealRecord,
  type ProposedEvent,
} from '../record/record.js';
import { isMetastream, metastreamOf, originalStreamOf } from './stream-state.js';

/** A requested change of one stream. */
export interface Change {
  readonly kind: 'append' | 'delete' | 'tombstone';
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** Empty for deletes. */
  readonly events: readonly ProposedEvent[];
}

export type ChangeOutcome =
  | { readonly kind: 'success'; readonly lastRevision: number; readonly position: number | undefined }
  | { readonly kind: 'wrong_expected_revision'; readonly lastRevision: number }
  | { readonly kind: 'stream_deleted' };

const NOTHING = Buffer.alloc(0);

/**
 * Collects changes that are committed together. Each is decided against the log and the earlier changes of the group.
 * Outside the group only the recent ids change, so a group that can't be committed is dropped and its ids are removed
 * again.
 */
export class AppendGroup implements CommitGroup {
  readonly chunks: Buffer[] = [];
  readonly entries: LogEntry[] = [];
  readonly changes: IndexChanges;
  private nextPosition: number;
  private checksum: number;

  constructor(
    private readonly log: EventLog,
    private readonly recent: RecentEventIds,
    private readonly now: number,
  ) {
    this.changes = new IndexChanges(log);
    ({ position: this.nextPosition, checksum: this.checksum } = log.end);
  }

  get head(): Head {
    return { position: this.nextPosition, streamId: this.changes.nextStreamId, checksum: this.checksum };
  }

  apply(change: Change): ChangeOutcome {
    const first = this.entries.length;
    const outcome = this.carryOut(change);
    for (let i = first; i < this.entries.length; i += 1) {
      const closesChange = i === this.entries.length - 1;
      const place = { previous: this.checksum, closesChange, opensGroup: i === 0 };
      this.checksum = sealRecord(this.entries[i]!.record, place);
    }
    return outcome;
  }

  private carryOut(change: Change): ChangeOutcome {
    const decision = this.decide(change);
    const { lastRevision } = this.facts(change.stream);
    switch (decision.kind) {
      case 'wrong_expected_revision':
        return { kind: 'wrong_expected_revision', lastRevision };
      case 'stream_deleted':
        return { kind: 'stream_deleted' };
      case 'repeat':
        return {
          kind: 'success',
          lastRevision: decision.lastRevision,
          position: this.readablePosition(change.stream, decision.lastRevision),
        };
      case 'append':
        if (change.kind === 'append') return this.append(change.stream, change.events, decision.undelete);
        return change.kind === 'delete' ? this.softDelete(change.stream) : this.tombstone(change.stream);
    }
  }

  private decide(change: Change): AppendDecision {
    const streamId = this.changes.state(change.stream)?.id;
    const ids = change.kind === 'append' ? change.events.map((event) => event.id) : [randomUuid()];
    return decideAppend(this.facts(change.stream), change.expected, ids, {
      recentRevision: (id) => (streamId === undefined ? undefined : this.recent.revisionIn(streamId, id)),
      isAt: (revision, id) => {
        const entry = this.changes.entryAt(change.stream, revision);
        return entry !== undefined && recordId(entry.record).equals(id);
      },
    });
  }

  private append(stream: string, events: readonly ProposedEvent[], undelete: boolean): ChangeOutcome {
    const before = this.facts(stream).lastRevision;
    const revivesOriginal = isMetastream(stream) && this.isSoftDeleted(originalStreamOf(stream));
    if (events.length > 0) this.write(stream, events);
    const position = this.lastPosition();
    if (undelete) this.revive(stream, before + 1);
    if (revivesOriginal) {
      const original = originalStreamOf(stream);
      this.revive(original, this.facts(original).lastRevision + 1);
    }
    return { kind: 'success', lastRevision: before + events.length, position };
  }

  private softDelete(stream: string): ChangeOutcome {
    const { lastRevision, hasMetadata } = this.facts(stream);
    if (lastRevision === NO_EVENTS && !hasMetadata) return { kind: 'wrong_expected_revision', lastRevision };
    this.writeMetadata(stream, SOFT_DELETE_METADATA);
    return { kind: 'success', lastRevision, position: this.lastPosition() };
  }

  private tombstone(stream: string): ChangeOutcome {
    const { lastRevision } = this.facts(stream);
    const event = {
      id: randomUuid(),
      type: '$streamDeleted',
      isJson: false,
      data: NOTHING,
      metadata: NOTHING,
    };
    this.changes.addEntries(stream, this.put(stream, [event], TOMBSTONE_REVISION));
    return { kind: 'success', lastRevision, position: this.lastPosition() };
  }

  /** Restores the metadata of a softly deleted stream that is written to. Its old events stay cut off. */
  private revive(stream: string, from: number): void {
    const metastream = metastreamOf(stream);
    const entry = this.changes.entryAt(metastream, this.facts(metastream).lastRevision);
    const metadata = entry && undeletedMetadata(recordData(entry.record), from);
    if (metadata) this.writeMetadata(stream, metadata);
  }

  private writeMetadata(stream: string, data: Buffer): void {
    const event = { id: randomUuid(), type: '$metadata', isJson: true, data, metadata: NOTHING };
    this.write(metastreamOf(stream), [event]);
  }

  private write(stream: string, events: readonly ProposedEvent[]): void {
    const first = this.facts(stream).lastRevision + 1;
    const streamId = this.changes.addEntries(stream, this.put(stream, events, first));
    for (const [i, { id }] of events.entries()) this.recent.rememberId(id, streamId, stream, first + i);
  }

  /** Puts the records of a change into one buffer, at the end of the log. */
  private put(stream: string, events: readonly ProposedEvent[], firstRevision: number): LogEntry[] {
    const sizes = events.map((event, i) => recordSize(event, stream, firstRevision + i, this.now));
    const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    const entries = events.map((event, i) => {
      const record = bytes.subarray(at, (at += sizes[i]!));
      encodeRecord(record, event, stream, firstRevision + i, this.now, this.nextPosition);
      const entry = new LogEntry(this.nextPosition, record);
      this.nextPosition = entry.next;
      return entry;
    });
    this.chunks.push(bytes);
    for (const entry of entries) this.entries.push(entry);
    return entries;
  }

  /** Returns the position of the newest event. */
  private lastPosition(): number | undefined {
    return this.entries.at(-1)?.position ?? this.log.newestPosition();
  }

  /**
   * Returns the position of an event if it may still be read. A repeat is answered without a position otherwise
   * (IndexWriter.cs).
   */
  private readablePosition(stream: string, revision: number): number | undefined {
    const retention = isMetastream(stream)
      ? OF_METASTREAMS
      : (this.changes.state(stream)?.retention ?? KEEP_ALL);
    if (revision < firstReadable(retention, this.facts(stream).lastRevision)) return undefined;
    const entry = this.changes.entryAt(stream, revision);
    return entry && entry.created >= oldestReadable(retention, this.now) ? entry.position : undefined;
  }

  private isSoftDeleted(stream: string): boolean {
    return isSoftDeleted(this.changes.state(stream)?.retention ?? KEEP_ALL);
  }

  private facts(stream: string): StreamFacts {
    const state = this.changes.state(stream);
    const original = isMetastream(stream) ? this.changes.state(originalStreamOf(stream)) : undefined;
    return {
      lastRevision: state?.lastRevision ?? NO_EVENTS,
      tombstoned: (state?.tombstoned ?? false) || (original?.tombstoned ?? false),
      softDeleted: isSoftDeleted(state?.retention ?? KEEP_ALL),
      hasMetadata: state?.hasMetadata ?? false,
    };
  }
}
