import type { SubscribeRequest } from '../protocol/read-request.js';
import { CAUGHT_UP_FRAME, FELL_BEHIND_FRAME, checkpointFrame } from '../protocol/read-responses.js';
import { invalidPosition } from '../protocol/store-errors.js';
import type { EventLog } from '../storage/event-log.js';
import type { LiveFeed } from '../storage/live-feed.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { GrpcCall } from '../grpc/grpc-call.js';

const PAGE = 256;

/**
 * Follows `$all` until the sink's signal. Events come from memory while the subscriber keeps up and from disk
 * otherwise; it is told when it has caught up and when it fell behind. With a filter it gets a checkpoint after
 * every interval of events looked at and before every "caught up" (Enumerator.AllSubscriptionFiltered.cs).
 */
export class AllSubscription {
  /** Everything before it was looked at; an entry, or the head. */
  private cursor: number;
  private lastSeen: number | undefined;
  private lastCheckpoint = -1;
  private sinceCheckpoint = 0;
  private live = false;

  constructor(
    private readonly log: EventLog,
    private readonly feed: LiveFeed,
    private readonly request: SubscribeRequest,
    private readonly sink: GrpcCall,
  ) {
    const { from } = request;
    if (from === 'start') this.cursor = 0;
    else if (from === 'end') this.cursor = feed.head;
    else {
      if (!log.isReadable(from)) throw invalidPosition();
      this.cursor = log.after(from);
    }
  }

  async run(): Promise<void> {
    const { signal } = this.sink;
    while (!signal.aborted) {
      const inMemory = this.feed.from(this.cursor, PAGE);
      if (inMemory === undefined) await this.catchUp();
      else if (inMemory.length > 0 && this.live) await this.deliver(inMemory);
      else if (inMemory.length > 0) await this.catchUp();
      else {
        await this.reachedHead();
        if (this.feed.from(this.cursor, 1)?.length === 0) await this.feed.changed(signal);
      }
    }
  }

  private async catchUp(): Promise<void> {
    if (this.live) {
      this.live = false;
      await this.sink.send(FELL_BEHIND_FRAME);
    }
    const { head } = this.feed;
    const entries = this.log.readAll(this.cursor, 'forwards', PAGE);
    await this.deliver(entries);
    if (entries.length < PAGE) this.cursor = Math.max(this.cursor, head);
    await new Promise(setImmediate);
  }

  private async deliver(entries: readonly LogEntry[]): Promise<void> {
    const { filter, uuids, checkpointInterval } = this.request;
    for (const entry of entries) {
      if (this.sink.signal.aborted) return;
      if (!filter || filter(entry)) {
        const full = this.sink.send(entry.frame(uuids));
        if (full) await full;
      }
      this.cursor = entry.next;
      this.lastSeen = entry.position;
      this.sinceCheckpoint += 1;
      if (this.sinceCheckpoint >= checkpointInterval) await this.checkpoint();
    }
  }

  private async reachedHead(): Promise<void> {
    if (this.live) return;
    this.live = true;
    if (this.request.filter) await this.checkpoint();
    await this.sink.send(CAUGHT_UP_FRAME);
  }

  private async checkpoint(): Promise<void> {
    this.sinceCheckpoint = 0;
    if (this.lastSeen === undefined || this.lastSeen <= this.lastCheckpoint) return;
    this.lastCheckpoint = this.lastSeen;
    await this.sink.send(checkpointFrame(this.lastSeen));
  }
}
