import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { Accepted, AcceptedWindow, WindowEdge } from '#libs/delivery/accepted-window.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { toMessage } from '#libs/delivery/message-encoding.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogFeed } from '#libs/event-store/log-feed.js';
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
    await this.prefill();
    feed.listen({ prefixes: ['messages-'], onEvent: (event) => this.take(event) });
  }

  private take(event: PositionedEvent): void {
    const message = toMessage(event);
    this.window.add(acceptedKey(message.bot, message.id), this.acceptedOf(event, message.channel));
    this.feeds.accept(message);
  }

  private async prefill(): Promise<void> {
    const entries: [string, Accepted][] = [];
    let read = 0;
    let edge: WindowEdge | undefined;
    for await (const event of this.store.readAll({ direction: 'backwards', from: 'end' })) {
      edge = { at: event.at.getTime(), position: event.position };
      if (read >= PREFILL_EVENTS) break;
      read += 1;
      if (parseStreamName(event.stream)?.family !== 'messages') continue;
      const { bot, id, channel } = toMessage(event);
      entries.push([acceptedKey(bot, id), this.acceptedOf(event, channel)]);
    }
    this.window.prefill(entries.toReversed(), read < PREFILL_EVENTS ? undefined : edge);
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
