import { Command } from '@nestjs/cqrs';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import type { RequestError } from '#libs/protocol/errors.js';
import type { Posted } from './posted.js';

/** A bot posts, edits or redacts a message. */
export class AcceptMessageCommand extends Command<Posted> {
  /** @param refusal why it is refused whatever its channel is, unless it was accepted before */
  constructor(
    readonly request: ConversationCommand,
    readonly refusal?: RequestError,
  ) {
    super();
  }
}
