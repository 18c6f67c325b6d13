import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import type { PostMessage } from '#libs/domain/conversation/conversation.decider.js';
import { MAX_CLOCK_LEAD_MS, uuidTime } from '#libs/delivery/uuid-time.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { PostRequest } from '#libs/protocol/requests/post.request.js';
import { ChannelAccess } from '../channels/channel-access.js';
import { ConversationWriters } from './conversation-writers.js';
import { PostMessageCommand } from './post-message.command.js';
import type { Posted } from './posted.js';
import { PostsInFlight } from './posts-in-flight.js';
import { RateLimiter } from './rate-limiter.js';

/**
 * Answers once the message is on disk. Up to the hand-over to the channel's writer nothing is awaited, so posts reach
 * the log in the order in which they came in.
 */
@CommandHandler(PostMessageCommand)
export class PostMessageHandler implements ICommandHandler<PostMessageCommand> {
  constructor(
    private readonly access: ChannelAccess,
    private readonly limiter: RateLimiter,
    private readonly inFlight: PostsInFlight,
    private readonly writers: ConversationWriters,
  ) {}

  // oxlint-disable-next-line typescript/require-await -- async so that refusals reach the caller as rejections
  async execute({ bot, request }: PostMessageCommand): Promise<Posted> {
    this.limiter.admit(bot);
    this.access.requireWritable(request.channel, bot);
    refuseFuture(request.id);
    const post = postMessage(bot, request);
    return this.inFlight.submit(post, () => this.writers.of(request.channel).submit(post));
  }
}

/** An id from the future would outlive the window that remembers it; its retry could then be taken for new. */
const refuseFuture = (id: string): void => {
  const lead = (uuidTime(id) ?? 0) - Date.now();
  if (lead <= MAX_CLOCK_LEAD_MS) return;
  throw new RequestError(
    'invalid_payload',
    `Field "id": this UUIDv7 was made ${Math.ceil(lead / 1_000)} s in the future; set the bot's clock or use a UUIDv4`,
  );
};

const postMessage = (bot: string, request: PostRequest): PostMessage => {
  const { id, channel, body, data, replyTo, correlationId } = request;
  return {
    type: 'PostMessage',
    id,
    channel,
    bot,
    body,
    ...(data === undefined ? {} : { data }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
};
