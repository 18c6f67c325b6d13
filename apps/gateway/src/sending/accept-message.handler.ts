import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { MAX_CLOCK_LEAD_MS, uuidTime } from '#libs/delivery/uuid-time.js';
import { RequestError } from '#libs/protocol/errors.js';
import { ChannelAccess } from '../access/channel-access.js';
import { AcceptMessageCommand } from './accept-message.command.js';
import { ConversationWriters } from './conversation-writers.js';
import { EarlierAnswers } from './earlier-answers.js';
import type { Posted } from './posted.js';
import { PostsInFlight } from './posts-in-flight.js';

/** After so many milliseconds at most it is worth asking again whether the clocks agree. */
const CLOCK_RETRY_MS = 60_000;

/** The one road into a channel, for posts, edits and redactions alike: decides whether one is refused, and appends it. */
@CommandHandler(AcceptMessageCommand)
export class AcceptMessageHandler implements ICommandHandler<AcceptMessageCommand> {
  constructor(
    private readonly access: ChannelAccess,
    private readonly inFlight: PostsInFlight,
    private readonly writers: ConversationWriters,
    private readonly earlier: EarlierAnswers,
    private readonly feeds: ChannelFeeds,
  ) {}

  /**
   * Answers once it is on disk. What was accepted before is answered as it was then, though it may be refused now.
   *
   * The order in which a connection's messages reach the log is the order in which they come in here. So nothing is awaited
   * before the hand-over to the channel's writer, neither here nor between the socket and here.
   *
   * @throws RequestError, Rejection or StoreUnavailable
   */
  // oxlint-disable-next-line typescript/require-await -- async so that refusals reach the caller as rejections
  async execute({ request, refusal }: AcceptMessageCommand): Promise<Posted> {
    const refused = refusal ?? this.refusalOf(request);
    if (refused) return this.inFlight.join(request) ?? this.earlier.answerOr(request, refused);
    return this.inFlight.submit(request, () => this.writers.writerOf(request.channel).submit(request));
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
