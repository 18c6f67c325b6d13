import { Injectable } from '@nestjs/common';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { MAX_CLOCK_LEAD_MS, uuidTime } from '#libs/delivery/uuid-time.js';
import { RequestError } from '#libs/protocol/errors.js';
import { ChannelAccess } from '../access/channel-access.js';
import { ConversationWriters } from './conversation-writers.js';
import { EarlierAnswers } from './earlier-answers.js';
import type { Posted } from './posted.js';
import { PostsInFlight } from './posts-in-flight.js';

/** After so many milliseconds at most it is worth asking again whether the clocks agree. */
const CLOCK_RETRY_MS = 60_000;

/** The one road into a channel, for posts, edits and redactions alike. */
@Injectable()
export class Acceptance {
  constructor(
    private readonly access: ChannelAccess,
    private readonly inFlight: PostsInFlight,
    private readonly writers: ConversationWriters,
    private readonly earlier: EarlierAnswers,
    private readonly feeds: ChannelFeeds,
  ) {}

  /**
   * Answers once it is on disk. Up to the hand-over to the channel's writer nothing is awaited, so requests reach the
   * log in the order in which they came in. What was accepted before is answered as it was then, though it may be
   * refused now.
   *
   * @param refusal why it is refused whatever its channel is, unless it was accepted before
   * @throws RequestError, Rejection or StoreUnavailable, some at once and some later
   */
  accept(command: ConversationCommand, refusal?: RequestError): Promise<Posted> {
    const refused = refusal ?? this.refusalOf(command);
    if (refused) return this.inFlight.join(command) ?? this.earlier.answerOr(command, refused);
    return this.inFlight.submit(command, () => this.writers.of(command.channel).submit(command));
  }

  private refusalOf({ channel, bot, id }: ConversationCommand): RequestError | undefined {
    try {
      this.access.requireWritable(channel, bot);
      this.feeds.requireWhole(channel);
    } catch (error) {
      if (error instanceof RequestError) return error;
      throw error;
    }
    return futureRefusal(id);
  }
}

/** An id from the future would outlive the window that remembers it; its retry could then be taken for new. */
const futureRefusal = (id: string): RequestError | undefined => {
  const lead = (uuidTime(id) ?? 0) - Date.now();
  if (lead <= MAX_CLOCK_LEAD_MS) return undefined;
  const message = `Field "id": this UUIDv7 was made ${Math.ceil(lead / 1_000)} s in the future; set the bot's clock or use a UUIDv4`;
  // The clock that is wrong may be ours, and be set right: then the same id will do.
  return new RequestError(
    'invalid_payload',
    message,
    Math.min(lead - MAX_CLOCK_LEAD_MS, CLOCK_RETRY_MS),
    true,
  );
};
