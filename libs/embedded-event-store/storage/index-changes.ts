import { NO_EVENTS } from '../rules/expected-revision.js';
import { KEEP_ALL, retentionOf } from '../rules/retention.js';
import type { LogEntry } from './log-entry.js';
import { TOMBSTONE_REVISION, recordData, recordIsJson } from '../record/record.js';
import { LOST, MAX_RUN, type IndexRun } from './stream-index.js';
import { isMetastream, newStream, originalStreamOf, type StreamState } from './stream-state.js';

/** Gives access to the state of streams before the changes. */
export interface IndexedStreams {
  readonly nextStreamId: number;
  streamState(name: string): StreamState | undefined;
  /** Returns the entry of a stream's revision. */
  entryAt(streamId: number, revision: number): LogEntry | undefined;
}

/**
 * Derives from records what the index has to know: where the events of streams are, and the state of each stream. It
 * needs only the records, so new records and those found after a crash give the same result.
 */
export class IndexChanges {
  readonly runs: IndexRun[] = [];
  readonly streams = new Map<string, StreamState>();
  nextStreamId: number;
  private readonly byStream = new Map<number, { entries: LogEntry[]; run: IndexRun | undefined }>();

  constructor(private readonly before: IndexedStreams) {
    this.nextStreamId = before.nextStreamId;
  }

  /** Returns the state of a stream, including these changes. */
  state(stream: string): StreamState | undefined {
    return this.streams.get(stream) ?? this.before.streamState(stream);
  }

  entryAt(stream: string, revision: number): LogEntry | undefined {
    const state = this.state(stream);
    if (!state) return undefined;
    const entries = this.byStream.get(state.id)?.entries;
    return entries?.[revision - entries[0]!.revision] ?? this.before.entryAt(state.id, revision);
  }

  /** Adds the next events of one stream, at least one. Returns the stream's id. */
  addEntries(stream: string, entries: readonly LogEntry[]): number {
    const state = this.stateForWriting(stream);
    const last = entries.at(-1)!;
    if (last.revision === TOMBSTONE_REVISION) {
      this.streams.set(stream, { ...state, tombstoned: true });
      return state.id;
    }
    this.fill(state, entries[0]!.revision);
    for (const entry of entries) this.index(state.id, entry);
    this.streams.set(stream, { ...state, lastRevision: last.revision });
    if (isMetastream(stream)) this.retain(originalStreamOf(stream), last);
    return state.id;
  }

  /** Fills a gap that damage made in the middle of a stream. Its revisions stay taken, without a position. */
  private fill({ id, lastRevision }: StreamState, upTo: number): void {
    if (lastRevision === NO_EVENTS) return; // events missing before the first were scavenged
    let run: IndexRun | undefined;
    for (let revision = lastRevision + 1; revision < upTo; revision += 1) {
      run = this.runFor(run, id, revision);
      run.positions.push(LOST);
    }
  }

  private retain(stream: string, { record }: LogEntry): void {
    const retention = recordIsJson(record) ? retentionOf(recordData(record)) : KEEP_ALL;
    this.streams.set(stream, { ...this.stateForWriting(stream), hasMetadata: true, retention });
  }

  private index(streamId: number, entry: LogEntry): void {
    let added = this.byStream.get(streamId);
    if (!added) this.byStream.set(streamId, (added = { entries: [], run: undefined }));
    added.entries.push(entry);
    added.run = this.runFor(added.run, streamId, entry.revision);
    added.run.positions.push(entry.position);
  }

  private runFor(run: IndexRun | undefined, streamId: number, revision: number): IndexRun {
    if (run && run.positions.length < MAX_RUN) return run;
    const next = { streamId, first: revision, positions: [] };
    this.runs.push(next);
    return next;
  }

  private stateForWriting(stream: string): StreamState {
    return this.state(stream) ?? newStream(this.nextStreamId++);
  }
}
