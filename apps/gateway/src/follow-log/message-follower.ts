import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { Accepted, AcceptedWindow, WindowEdge } from '#libs/delivery/accepted-window.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { toMessage } from '#libs/delivery/message-encoding.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogFeed } from '#libs/event-store/log-feed.js';
import { LOG_START } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';

/** How much of the log's tail is read at start to remember the ids accepted lately. */
const PREFILL_EVENTS = 10_000;

/** Brings messages from the log to the accepted-once window and to the channels' feeds. */
export class MessageFollower {
  constructor(
    private readonly store: Pick<EventStore, 'readAll'>,
    private readonly window: AcceptedWindow,
    private readonly feeds: ChannelFeeds,
    private readonly instance: string,
  ) {}

  /** Must be called before the feed starts. */
  async follow(feed: Pick<LogFeed, 'listen'>): Promise<void> {
    const after = await this.prefill();
    feed.listen({ prefixes: ['messages-'], after, onEvent: (event) => this.take(event) });
  }

  private take(event: PositionedEvent): void {
    if (event.unreadable !== undefined) return this.feeds.takeUnreadable(event);
    const message = toMessage(event);
    this.window.add(acceptedKey(message.bot, message.id), this.acceptedOf(event, message.channel));
    this.feeds.accept(message);
  }

  /** Returns up to where the log was read. */
  private async prefill(): Promise<LogPosition> {
    const entries: [string, Accepted][] = [];
    let read = 0;
    let edge: WindowEdge | undefined;
    let newest = LOG_START;
    for await (const event of this.store.readAll({ direction: 'backwards', from: 'end' })) {
      if (edge === undefined) newest = event.position;
      edge = { at: event.at.getTime(), position: event.position };
      if (read >= PREFILL_EVENTS) break;
      read += 1;
      if (parseStreamName(event.stream)?.family !== 'messages') continue;
      if (event.unreadable !== undefined) {
        this.feeds.takeUnreadable(event);
        continue;
      }
      const { bot, id, channel } = toMessage(event);
      entries.push([acceptedKey(bot, id), this.acceptedOf(event, channel)]);
    }
    this.window.prefill(entries.toReversed(), read < PREFILL_EVENTS ? undefined : edge);
    return newest;
  }

  private acceptedOf(event: PositionedEvent, channel: string): Accepted {
    return {
      channel,
      seq: event.revision,
      at: event.at.getTime(),
      position: event.position,
      ours: event.metadata.node === this.instance,
    };
  }
}
