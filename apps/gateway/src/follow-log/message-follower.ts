import { Inject, Injectable } from '@nestjs/common';
import { AcceptedWindow, acceptedKey } from '#libs/delivery/accepted-window.js';
import type { Accepted, WindowEdge } from '#libs/delivery/accepted-window.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { channelOf, toMessage } from '#libs/delivery/message-encoding.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { LogFeed } from '#libs/event-store/log-feed.js';
import { DamagedEvent } from '#libs/event-store/event-store.errors.js';
import { LOG_START } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { INSTANCE } from '../instance/instance.js';
import { edgeOfMissing } from './missing-messages.js';
import type { FirstRead } from './missing-messages.js';

/** How many events of the log's tail are read at start to remember the ids that were accepted lately. */
const PREFILL_EVENTS = 10_000;

/** The tail of the log as far as it was read, the newest event first. */
type Tail = {
  readonly entries: [string | undefined, Accepted][];
  /** The oldest message of each channel. */
  readonly first: Map<string, FirstRead>;
  read: number;
  /** The oldest event that was read. Nothing is known of the events before it. */
  edge?: WindowEdge;
  newest: LogPosition;
};

/** Brings messages from the log to the window of accepted ids and to the channels' feeds. */
@Injectable()
export class MessageFollower {
  constructor(
    @Inject(EventStore) private readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'wasScavenged'>,
    private readonly window: AcceptedWindow,
    private readonly feeds: ChannelFeeds,
    @Inject(INSTANCE) private readonly instance: string,
  ) {}

  /**
   * Fills the window from the tail of the log, then listens to the feed. Must be called before the feed starts.
   *
   * @throws DamagedEvent if the last event of the log is damaged
   * @throws StoreUnavailable
   */
  async follow(feed: Pick<LogFeed, 'listen'>): Promise<void> {
    const after = await this.prefill();
    feed.listen({ prefixes: ['messages-'], after, onEvent: (event) => this.takeEvent(event) });
  }

  private takeEvent(event: PositionedEvent): void {
    if (event.unreadable !== undefined) {
      this.window.addAccepted(undefined, this.acceptedOf(event));
      return this.feeds.takeUnreadable(event);
    }
    const message = toMessage(event);
    this.window.addAccepted(acceptedKey(message.bot, message.id), this.acceptedOf(event));
    this.feeds.takeMessage(message);
  }

  /**
   * Fills the window from the tail of the log and returns the position of the newest event. A damaged event ends the
   * reading: the window then reaches back to the event after it, as if it were full, and older ids are looked up. A
   * message before which others were scavenged has the same effect.
   *
   * @throws DamagedEvent if the last event of the log is damaged
   * @throws StoreUnavailable
   */
  private async prefill(): Promise<LogPosition> {
    const tail: Tail = { entries: [], first: new Map(), read: 0, newest: LOG_START };
    try {
      for await (const event of this.store.readAll({ direction: 'backwards', from: 'end' })) {
        if (tail.edge === undefined) tail.newest = event.position;
        tail.edge = { at: event.at.getTime(), position: event.position };
        if (tail.read >= PREFILL_EVENTS) break;
        tail.read += 1;
        this.remember(event, tail);
      }
      if (tail.read < PREFILL_EVENTS) delete tail.edge;
    } catch (error) {
      if (!(error instanceof DamagedEvent) || tail.edge === undefined) throw error;
    }
    // If the whole log was read, the window itself sees which messages are missing.
    const missing = tail.edge && (await edgeOfMissing([...tail.first.values()], this.store));
    this.window.prefill(tail.entries.toReversed(), missing ?? tail.edge);
    return tail.newest;
  }

  private remember(event: PositionedEvent, { entries, first }: Tail): void {
    if (parseStreamName(event.stream)?.family !== 'messages') return;
    const accepted = this.acceptedOf(event);
    first.set(accepted.channel, accepted);
    if (event.unreadable !== undefined) {
      entries.push([undefined, accepted]);
      return this.feeds.takeUnreadable(event);
    }
    const { bot, id } = toMessage(event);
    entries.push([acceptedKey(bot, id), accepted]);
  }

  private acceptedOf(event: PositionedEvent): Accepted {
    return {
      channel: channelOf(event.stream),
      seq: event.revision,
      at: event.at.getTime(),
      position: event.position,
      ours: event.metadata.node === this.instance,
    };
  }
}
