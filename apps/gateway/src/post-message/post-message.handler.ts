import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import type { PostMessage } from '#libs/domain/conversation/conversation.decider.js';
import type { PostRequest } from '#libs/protocol/requests/post.request.js';
import { Acceptance } from './acceptance.js';
import { PostMessageCommand } from './post-message.command.js';
import type { Posted } from './posted.js';

@CommandHandler(PostMessageCommand)
export class PostMessageHandler implements ICommandHandler<PostMessageCommand> {
  constructor(private readonly acceptance: Acceptance) {}

  // oxlint-disable-next-line typescript/require-await -- async so that refusals reach the caller as rejections
  async execute({ bot, request }: PostMessageCommand): Promise<Posted> {
    return this.acceptance.accept(postMessage(bot, request));
  }
}

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
