import { Command } from '@nestjs/cqrs';
import type { EditMessage, RedactMessage } from '#libs/domain/conversation/conversation.decider.js';
import type { Posted } from '../post-message/posted.js';

/** A bot says a message of its own anew, or withdraws it. */
export class ChangeMessageCommand extends Command<Posted> {
  constructor(readonly change: EditMessage | RedactMessage) {
    super();
  }
}
