import { Command } from '@nestjs/cqrs';
import type { EditMessage, RedactMessage } from '#libs/domain/conversation/conversation.decider.js';
import type { RequestError } from '#libs/protocol/errors.js';
import type { Posted } from './posted.js';

/** A bot says a message of its own anew, or withdraws it. */
export class ChangeMessageCommand extends Command<Posted> {
  /** @param refusal why it is refused, unless it was accepted before */
  constructor(
    readonly change: EditMessage | RedactMessage,
    readonly refusal?: RequestError,
  ) {
    super();
  }
}
