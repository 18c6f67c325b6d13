import { Command } from '@nestjs/cqrs';
import type { PostMessage } from '#libs/domain/conversation/conversation.decider.js';
import type { RequestError } from '#libs/protocol/errors.js';
import type { Posted } from './posted.js';

/** A bot says something in a channel. */
export class PostMessageCommand extends Command<Posted> {
  /** @param refusal why it is refused, unless it was accepted before */
  constructor(
    readonly post: PostMessage,
    readonly refusal?: RequestError,
  ) {
    super();
  }
}
