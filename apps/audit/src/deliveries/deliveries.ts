import { Injectable } from '@nestjs/common';
import { messageEventId } from '#libs/delivery/message-event-id.js';
import { channelStream, cursorStream, parseStreamName } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { comparePositions, type LogPosition } from '#libs/event-store/position.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { RequestError } from '#libs/protocol/errors.js';
import { EventFinder, type FoundEvent } from '../event-index/event-finder.js';
import { refOf, type EventRef } from '../event-index/event-ref.js';
import { termOf } from '../event-index/event-terms.js';
import { confirmationIn } from './confirmation.js';
import type { DeliveriesRequest } from './deliveries.request.js';
import { dueBots, type Membership } from './due-bots.js';

/** One consumer's confirmation. Without a time, its cursors show none. */
export type ConsumerTold = Readonly<{
  consumer: string;
  confirmedAt?: string;
  confirmedAtOrBefore?: string;
}>;

/** A bot to which the message was due, and whether one of its consumers has confirmed it. */
export type DueBot = Readonly<{
  bot: string;
  memberSince: string;
  leftAt?: string;
  confirmed: boolean;
  consumers: readonly ConsumerTold[];
}>;

export type Deliveries = Readonly<{
  message: Readonly<{ bot: string; id: string; channel: string; seq: number; event: EventRef }>;
  items: readonly DueBot[];
  next?: string;
}>;

/** A message, and where the membership ended that it was due to. */
type Told = Readonly<{ channel: string; seq: number; end: LogPosition | undefined }>;

/** Says to whom messages were due and who has confirmed them, from the log alone. */
@Injectable()
export class DeliveryEvidence {
  constructor(
    private readonly store: EventStore,
    private readonly finder: EventFinder,
  ) {}

  /**
   * Returns a page of the bots to which a message was due, in the order of names.
   *
   * @throws RequestError `unknown_message`, `event_index_unavailable` | StoreUnavailable | StoreFault
   */
  async deliveriesOf({ bot, id, after, limit }: DeliveriesRequest): Promise<Deliveries> {
    const { stored, event, channel } = await this.#find(bot, id);
    const { revision: seq, position } = event;
    const items: DueBot[] = [];
    let next: string | undefined;
    for (const membership of await this.#candidates(channel, seq)) {
      if (after !== undefined && membership.bot <= after) continue;
      const end = await this.#endOf(membership);
      if (end && comparePositions(end, position) < 0) continue;
      if (items.length === limit) {
        next = items.at(-1)?.bot;
        break;
      }
      items.push(await this.#told(membership, { channel, seq, end }));
    }
    const message = { bot, id, channel, seq, event: refOf(stored) };
    return { message, items, ...(next !== undefined && { next }) };
  }

  async #find(bot: string, id: string): Promise<FoundEvent & { channel: string }> {
    const { events } = await this.finder.findEvents(termOf('event', messageEventId(bot, id)), 1);
    const [found] = events;
    const place = found && parseStreamName(found.event.stream);
    if (!place || place.family !== 'messages' || found.event.unreadable !== undefined)
      throw new RequestError('unknown_message', `Bot "${bot}" has no message with this id in the log`);
    return { ...found, channel: place.id };
  }

  async #candidates(channel: string, seq: number): Promise<Membership[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this.store.readStream(channelStream(channel))) events.push(event);
    return dueBots(events, seq);
  }

  /** Returns where a membership ended. A stream's events come without their positions, so the index says it. */
  async #endOf({ left }: Membership): Promise<LogPosition | undefined> {
    return left && this.#positionOf(left.eventId);
  }

  async #positionOf(eventId: string): Promise<LogPosition | undefined> {
    const { events } = await this.finder.findEvents(termOf('event', eventId), 1);
    return events[0]?.event.position;
  }

  async #told(membership: Membership, { channel, seq, end }: Told): Promise<DueBot> {
    const { bot, from, joinedAt, left } = membership;
    const isOver = async ({ eventId }: RecordedEvent): Promise<boolean> => {
      const position = await this.#positionOf(eventId);
      return position === undefined || comparePositions(position, end!) > 0;
    };
    const wanted = { channel, seq, from, ...(end && { isOver }) };
    const consumers: ConsumerTold[] = [];
    for (const stream of await this.finder.cursorStreamsOf(bot)) {
      const consumer = stream.slice(cursorStream(bot, '').length);
      const confirmation = await confirmationIn(this.store, stream, wanted);
      consumers.push({
        consumer,
        ...(confirmation && 'at' in confirmation && { confirmedAt: confirmation.at.toISOString() }),
        ...(confirmation &&
          'atOrBefore' in confirmation && { confirmedAtOrBefore: confirmation.atOrBefore.toISOString() }),
      });
    }
    return {
      bot,
      memberSince: joinedAt.toISOString(),
      ...(left && { leftAt: left.at.toISOString() }),
      confirmed: consumers.some((one) => (one.confirmedAt ?? one.confirmedAtOrBefore) !== undefined),
      consumers,
    };
  }
}
