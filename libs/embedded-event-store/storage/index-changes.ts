import { NO_EVENTS } from '../rules/expected-revision.js';
import { KEEP_ALL, retentionOf } from '../rules/retention.js';
import type { LogEntry } from './log-entry.js';
import { TOMBSTONE_REVISION, recordData, recordIsJson } from './record.js';
import { LOST, MAX_RUN, type IndexRun } from './stream-index.js';
import { isMetastream, newStream, originalStreamOf, type StreamState } from './stream-state.js';

/** What is known of streams before the changes. */
export interface IndexedStreams {
  readonly nextStreamId: number;
  streamState(name: string): StreamState | undefined;
  /** The entry of a stream's revision. */
  entryAt(streamId: number, revision: number): LogEntry | undefined;
}

/**
 * What records say to the index: where the events of streams are, and how the streams stand. The same for records as
 * they are written and as they are found after a crash, for it needs nothing but them.
 */
export class IndexChanges {
  readonly runs: IndexRun[] = [];
  readonly streams = new Map<string, StreamState>();
  nextStreamId: number;
  private readonly byStream = new Map<number, { entries: LogEntry[]; run: IndexRun | undefined }>();

  constructor(private readonly before: IndexedStreams) {
    this.nextStreamId = before.nextStreamId;
  }

  /** How a stream stands, these changes included. */
  state(stream: string): StreamState | undefined {
    return this.streams.get(stream) ?? this.before.streamState(stream);
  }

  entryAt(stream: string, revision: number): LogEntry | undefined {
    const state = this.state(stream);
    if (!state) return undefined;
    const entries = this.byStream.get(state.id)?.entries;
    return entries?.[revision - entries[0]!.revision] ?? this.before.entryAt(state.id, revision);
  }

  /** Adds the next events of one stream, at least one; returns the stream's id. */
  add(stream: string, entries: readonly LogEntry[]): number {
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

  /** What damage has taken out of the middle of a stream has no position, and keeps its revision. */
  private fill({ id, lastRevision }: StreamState, upTo: number): void {
    if (lastRevision === NO_EVENTS) return; // what is missing before the first was scavenged
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
