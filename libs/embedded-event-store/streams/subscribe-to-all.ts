import type { AllTarget, SubscribeRequest } from '../protocol/read-request.js';
import { CAUGHT_UP_FRAME, FELL_BEHIND_FRAME, checkpointFrame } from '../protocol/read-responses.js';
import { invalidPosition } from '../protocol/store-errors.js';
import { CatchUpCheckpoints } from '../rules/catch-up-checkpoints.js';
import {
  BEFORE_ALL,
  NO_POSITION,
  comparePositions,
  positionAt,
  type LogPosition,
} from '../rules/log-position.js';
import type { EventLog } from '../storage/event-log.js';
import type { LiveFeed } from '../storage/live-feed.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { GrpcCall } from '../grpc/grpc-call.js';
import { framerFor } from './resolve-link.js';
import { servingOf, type Serving } from './told-damage.js';

const PAGE = 256;

/**
 * Follows `$all` until the sink's signal aborts. Events come from memory while the subscriber keeps up, and from disk
 * otherwise. The subscriber is told when it has caught up and when it fell behind. With a filter it gets checkpoints:
 * while catching up by `CatchUpCheckpoints`, and live whenever another interval of events since it subscribed is full,
 * whether these events match or not (Enumerator.AllSubscriptionFiltered.cs, SubscriptionsService.cs).
 */
export class AllSubscription {
  /** Position before which every event was read: that of an entry, or the head. */
  private cursor: number;
  /** The last event or checkpoint sent to the subscriber. Only later events, and no earlier checkpoints, are sent. */
  private told: LogPosition;
  private lastCheckpoint = BEFORE_ALL;
  private pages: CatchUpCheckpoints | undefined;
  private readonly subscribedAt: number;
  private readonly beginsLive: boolean;
  private sinceCheckpoint = 0;
  private live = false;
  private readonly serving: Serving;

  constructor(
    private readonly log: EventLog,
    private readonly feed: LiveFeed,
    private readonly request: SubscribeRequest<AllTarget>,
    private readonly sink: GrpcCall,
  ) {
    this.serving = servingOf(sink, request.filter, framerFor(log, request));
    this.subscribedAt = feed.head;
    const newest = positionAt(log.newestPosition(feed.head) ?? -1);
    const { from } = request;
    this.told = from === 'start' ? BEFORE_ALL : from === 'end' ? newest : from;
    // A real log is never empty: it begins with events of the server, so a subscription from the start begins before
    // the newest event.
    this.beginsLive = from !== 'start' && comparePositions(this.told, newest) >= 0;
    this.cursor = this.beginsLive ? feed.head : Math.max(0, this.told.commit);
  }

  /** @throws RpcError when it should follow from an invalid position */
  async pushEvents(): Promise<void> {
    const { signal } = this.sink;
    if (this.cursor < this.feed.head && !(await this.log.isReadable(this.cursor))) throw invalidPosition();
    if (this.beginsLive) await this.goLive();
    while (!signal.aborted) {
      const inMemory = this.live ? this.feed.entriesFrom(this.cursor, PAGE) : undefined;
      if (inMemory === undefined) await this.catchUp();
      else if (inMemory.length > 0) await this.deliver(inMemory);
      else await this.feed.whenChanged(signal);
    }
  }

  private async catchUp(): Promise<void> {
    if (this.live) await this.fallBehind();
    const { checkpoints } = this.request;
    this.pages ??= checkpoints && new CatchUpCheckpoints(checkpoints, this.told);
    const { head } = this.feed;
    const entries = await this.log.readAllSearched(this.cursor, 'forwards', PAGE);
    await this.deliver(entries);
    if (entries.length < PAGE && !entries.at(-1)?.isDamaged) {
      this.cursor = Math.max(this.cursor, head);
      if (this.pages) await this.checkpoint(this.pages.reachedEnd());
      await this.goLive();
    }
    await new Promise(setImmediate);
  }

  private async goLive(): Promise<void> {
    this.live = true;
    this.pages = undefined;
    await this.sink.send(CAUGHT_UP_FRAME);
  }

  private async fallBehind(): Promise<void> {
    this.live = false;
    await this.sink.send(FELL_BEHIND_FRAME);
    if (this.request.checkpoints) await this.checkpoint(this.told);
  }

  private async deliver(entries: readonly LogEntry[]): Promise<void> {
    const { checkpoints } = this.request;
    for (const entry of entries) {
      if (this.sink.signal.aborted) return;
      const matches = this.serving.wants(entry);
      const place = positionAt(entry.position);
      if (matches && comparePositions(place, this.told) > 0) {
        const full = this.sink.send(this.serving.frame(entry));
        if (full) await full;
        this.told = place;
      }
      this.cursor = entry.next;
      if (!checkpoints) continue;
      const due = this.pages?.passed(entry, matches);
      if (due) await this.checkpoint(due);
      if (this.isIntervalFull(entry, checkpoints.interval)) await this.checkpoint(place);
    }
  }

  /**
   * Counts the events since it subscribed, whether the subscriber keeps up or not. Only while it keeps up does a full
   * interval cause a checkpoint.
   */
  private isIntervalFull(entry: LogEntry, interval: number): boolean {
    if (entry.position < this.subscribedAt) return false;
    this.sinceCheckpoint = (this.sinceCheckpoint + 1) % interval;
    return this.sinceCheckpoint === 0 && this.live;
  }

  /**
   * Sends a checkpoint once, and never one before the last that was sent. The server compares checkpoints by their
   * values on the wire, so after "before all", the largest number, no other checkpoint follows.
   */
  private async checkpoint(place: LogPosition): Promise<void> {
    if (comparePositions(place, this.told) < 0) return;
    this.told = place;
    const onWire = place.commit < 0 ? NO_POSITION : place;
    if (comparePositions(onWire, this.lastCheckpoint) <= 0) return;
    this.lastCheckpoint = onWire;
    await this.sink.send(checkpointFrame(onWire));
  }
}
