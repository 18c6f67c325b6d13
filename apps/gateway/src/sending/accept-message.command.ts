import { Command } from '@nestjs/cqrs';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import type { RequestError } from '#libs/protocol/errors.js';
import type { Posted } from './posted.js';

/** Asks to accept a bot's post, edit or redaction. */
export class AcceptMessageCommand extends Command<Posted> {
  /** @param refusal why the request is refused, whatever the state of its channel, unless it was accepted before */
  constructor(
    readonly request: ConversationCommand,
    readonly refusal?: RequestError,
  ) {
    super();
  }
}
