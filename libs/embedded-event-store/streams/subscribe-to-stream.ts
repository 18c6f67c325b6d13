import type { StreamTarget, SubscribeRequest } from '../protocol/read-request.js';
import { CAUGHT_UP_FRAME, FELL_BEHIND_FRAME } from '../protocol/read-responses.js';
import { streamDeleted } from '../protocol/store-errors.js';
import { NO_EVENTS } from '../rules/expected-revision.js';
import type { EventLog } from '../storage/event-log.js';
import type { LiveFeed } from '../storage/live-feed.js';
import type { LogEntry } from '../storage/log-entry.js';
import { TOMBSTONE_REVISION } from '../record/record.js';
import type { GrpcCall } from '../grpc/grpc-call.js';
import { framerFor, type Framer } from './resolve-link.js';
import { isYoungEnough, viewStream } from './stream-view.js';

const PAGE = 256;

/** Follows one stream, which need not exist yet, until the sink's signal aborts (Enumerator.StreamSubscription.cs). */
export class StreamSubscription {
  /** The next revision to send. */
  private next: number;
  /** Position in the log before which every event was read. */
  private cursor: number;
  private live = false;
  private behind = true;
  private readonly frame: Framer;

  /** @throws RpcError if the stream was deleted for good */
  constructor(
    private readonly log: EventLog,
    private readonly feed: LiveFeed,
    private readonly request: SubscribeRequest<StreamTarget>,
    private readonly sink: GrpcCall,
  ) {
    const { from, stream } = request;
    if (viewStream(log, stream, Date.now()).kind === 'deleted') throw streamDeleted(stream);
    this.frame = framerFor(log, request);
    this.cursor = feed.head;
    if (from === 'start') this.next = 0;
    else this.next = (from === 'end' ? (log.streamState(stream)?.lastRevision ?? NO_EVENTS) : from) + 1;
  }

  /** @throws RpcError when the stream is deleted for good */
  async pushEvents(): Promise<void> {
    const { signal } = this.sink;
    while (!signal.aborted) {
      if (this.behind) await this.catchUp();
      const entries = this.feed.entriesFrom(this.cursor, PAGE);
      if (entries === undefined) {
        this.behind = true;
        this.live = false;
        await this.sink.send(FELL_BEHIND_FRAME);
      } else if (entries.length > 0) await this.deliver(entries);
      else await this.feed.whenChanged(signal);
    }
  }

  private async catchUp(): Promise<void> {
    for (;;) {
      const { head } = this.feed;
      const view = viewStream(this.log, this.request.stream, Date.now());
      if (view.kind === 'deleted') throw streamDeleted(this.request.stream);
      const entries =
        view.kind === 'readable'
          ? this.log.readStream(view, Math.max(this.next, view.first), view.last, 'forwards', PAGE)
          : [];
      for (const entry of entries) {
        if (view.kind === 'readable' && !isYoungEnough(entry, view.oldest)) this.next = entry.revision + 1;
        else await this.emit(entry);
        if (this.sink.signal.aborted) return;
      }
      if (entries.length < PAGE) {
        this.cursor = head;
        this.behind = false;
        if (!this.live) await this.sink.send(CAUGHT_UP_FRAME);
        this.live = true;
        return;
      }
      await new Promise(setImmediate);
    }
  }

  private async deliver(entries: readonly LogEntry[]): Promise<void> {
    for (const entry of entries) {
      this.cursor = entry.next;
      if (entry.stream === this.request.stream && entry.revision >= this.next) await this.emit(entry);
      if (this.sink.signal.aborted) return;
    }
  }

  private async emit(entry: LogEntry): Promise<void> {
    const full = this.sink.send(this.frame(entry));
    if (full) await full;
    this.next = entry.revision + 1;
    if (entry.revision === TOMBSTONE_REVISION) throw streamDeleted(this.request.stream);
  }
}
