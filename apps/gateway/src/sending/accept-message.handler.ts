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

/** The longest time, in milliseconds, after which a client is told to try again when the clocks disagree. */
const CLOCK_RETRY_MS = 60_000;

/**
 * Accepts posts, edits and redactions; nothing else writes messages into a channel. It decides whether a request is
 * refused, and hands it to the channel's writer.
 */
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
   * Answers once the message is on disk. A request that was accepted before gets its first answer again, even if it
   * would be refused now.
   *
   * The order in which a connection's messages reach the log is the order in which they arrive here. So nothing is
   * awaited before the request is handed to the channel's writer, neither here nor between the socket and here.
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

/**
 * Returns the refusal of an id from the future. Such an id would outlive the window that remembers it, and its retry
 * could then be taken for a new message.
 */
const futureRefusal = (id: string): RequestError | undefined => {
  const lead = (uuidTime(id) ?? 0) - Date.now();
  if (lead <= MAX_CLOCK_LEAD_MS) return undefined;
  const message = `Field "id": this UUIDv7 was made ${Math.ceil(lead / 1_000)} s in the future; set the bot's clock or use a UUIDv4`;
  // The wrong clock may be ours and may be corrected. Then the same id is accepted.
  return new RequestError(
    'invalid_payload',
    message,
    Math.min(lead - MAX_CLOCK_LEAD_MS, CLOCK_RETRY_MS),
    true,
  );
};
