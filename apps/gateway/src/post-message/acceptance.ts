import { Injectable } from '@nestjs/common';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { MAX_CLOCK_LEAD_MS, uuidTime } from '#libs/delivery/uuid-time.js';
import { RequestError } from '#libs/protocol/errors.js';
import { ChannelAccess } from '../channels/channel-access.js';
import { ConversationWriters } from './conversation-writers.js';
import type { Posted } from './posted.js';
import { PostsInFlight } from './posts-in-flight.js';

/** The one road into a channel, for posts, edits and redactions alike. */
@Injectable()
export class Acceptance {
  constructor(
    private readonly access: ChannelAccess,
    private readonly inFlight: PostsInFlight,
    private readonly writers: ConversationWriters,
  ) {}

  /**
   * Answers once it is on disk. Up to the hand-over to the channel's writer nothing is awaited, so requests reach the
   * log in the order in which they came in.
   *
   * @throws RequestError, Rejection or StoreUnavailable, some at once and some later
   */
  accept(command: ConversationCommand): Promise<Posted> {
    this.access.requireWritable(command.channel, command.bot);
    refuseFuture(command.id);
    return this.inFlight.submit(command, () => this.writers.of(command.channel).submit(command));
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
