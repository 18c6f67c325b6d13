import { Injectable } from '@nestjs/common';
import { messageWeight } from '#libs/delivery/message-encoding.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { SET_ASIDE, apart } from '#libs/delivery/place.js';
import type { Place, Span } from '#libs/delivery/place.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Message } from '#libs/protocol/message.js';
import { LIMITS } from '#libs/protocol/limits.js';
import type { HistoryRequest } from '#libs/protocol/requests/channel.requests.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { ChannelAccess } from '../access/channel-access.js';
import { BotLimits } from '../limits/bot-limits.js';
import { DeliveryPace } from '../delivery/delivery-pace.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

/**
 * A part of a channel in ascending order. `more` tells whether there are further messages in the direction of the read.
 * `skipped` lists the seqs in it that an admin has set aside; it is left out when there are none.
 */
export type Stretch = Readonly<{
  messages: readonly Message[];
  more: boolean;
  skipped?: readonly Skipped[];
}>;
type Skipped = Span & Readonly<{ reason: string }>;

const DEFAULT_LIMIT = 50;

/** About how many bytes an answer has at most. Making a larger one would delay other requests. */
const ANSWER = 256 * 1024;
/**
 * How many bytes are read for an answer. No message weighs more than the difference, so if there are further messages,
 * at least one of them is read too.
 */
const READ = ANSWER + 2 * LIMITS.messageBytes;

/** Milliseconds that a read may wait for its turn. */
const TURN_MS = 30_000;

/**
 * Reads earlier messages of a channel from its stream, for its members. Only a few reads of the store are in progress
 * at once in this process, including those for backlogs, and callers take turns. The size of an answer is charged to
 * the bot.
 */
@Injectable()
export class History {
  constructor(
    private readonly access: ChannelAccess,
    private readonly feeds: ChannelFeeds,
    private readonly pace: DeliveryPace,
    private readonly limits: BotLimits,
  ) {}

  /**
   * Reads the part of the channel that the request names.
   *
   * @param whose on whose behalf it takes turns: a connection, or a bot over HTTP
   * @throws RequestError `unknown_channel`, `channel_damaged`, `forbidden`, `invalid_payload`, `rate_limited`
   * @throws StoreUnavailable
   */
  async read(bot: string, request: HistoryRequest, whose: object | string): Promise<Stretch> {
    const { channel, before, after } = request;
    await this.access.requireNewMember(channel, bot);
    if (before !== undefined && after !== undefined) {
      throw new RequestError('invalid_payload', 'Field "before" and field "after" exclude each other');
    }
    this.limits.requireSolvent(bot);
    const stretch = await this.inTurn(whose, () => this.stretchOf(request));
    this.limits.chargeAnswer(
      bot,
      stretch.messages.reduce((sum, message) => sum + messageWeight(message), 0),
    );
    return stretch;
  }

  private async stretchOf({
    channel,
    before,
    after,
    limit = DEFAULT_LIMIT,
  }: HistoryRequest): Promise<Stretch> {
    // More is read than may be shown, both in number and in weight. If anything is left over, there is more.
    if (after !== undefined) {
      const places = await this.feeds.readAfter(channel, after, { messages: limit + 1, weight: READ });
      const shown = places.slice(0, countWithin(places, limit));
      return stretchOf(shown, shown.length < places.length);
    }
    const places = await this.feeds.readBefore(channel, before, limit + 1, READ);
    const shown = places.length === 0 ? [] : places.slice(-countWithin(places.toReversed(), limit));
    return stretchOf(shown, shown.length < places.length);
  }

  private inTurn<Result>(whose: object | string, read: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new StoreUnavailable('Too many reads are waiting'));
      const cancel = SYSTEM_CLOCK.after(TURN_MS, late);
      this.pace.reads.enqueueTask(whose, () => {
        cancel();
        return read().then(resolve, reject);
      });
    });
  }
}

const stretchOf = (places: readonly Place[], more: boolean): Stretch => {
  const { messages, skipped } = apart(places);
  if (skipped.length === 0) return { messages, more };
  return { messages, more, skipped: skipped.map((span) => ({ ...span, reason: SET_ASIDE })) };
};

/** Returns how many of the first messages fit into an answer, and at least one. */
const countWithin = (messages: readonly Place[], limit: number): number => {
  let [count, weight] = [0, 0];
  for (const message of messages.slice(0, limit)) {
    weight += messageWeight(message);
    if (weight > ANSWER && count > 0) break;
    count += 1;
  }
  return count;
};
