import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import { Acceptance } from './accept-message.handler.js';
import { PostMessageCommand } from './accept-message.command.js';
import type { Posted } from './posted.js';

@CommandHandler(PostMessageCommand)
export class PostMessageHandler implements ICommandHandler<PostMessageCommand> {
  constructor(private readonly acceptance: Acceptance) {}

  // oxlint-disable-next-line typescript/require-await -- async so that refusals reach the caller as rejections
  async execute({ post, refusal }: PostMessageCommand): Promise<Posted> {
    return this.acceptance.accept(post, refusal);
  }
}
