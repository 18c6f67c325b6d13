import { Injectable } from '@nestjs/common';
import { eventOf, requireSame } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { RequestError } from '#libs/protocol/errors.js';
import { EarlierMessages } from './earlier-messages.js';
import type { Place } from './earlier-messages.js';
import type { Posted } from './posted.js';

const NOTHING_RECENT: ReadonlyMap<string, Place> = new Map();

/** First the id, then the world: what was accepted once is answered as it was then, whatever has become of it since. */
@Injectable()
export class EarlierAnswers {
  constructor(private readonly earlier: EarlierMessages) {}

  /**
   * The first answer to a request that is refused now.
   *
   * @throws RequestError the refusal if it was never accepted, or that this can't be told now; Rejection `id_conflict`;
   * StoreUnavailable
   */
  async answerOr(command: ConversationCommand, refusal: Error): Promise<Posted> {
    const [earlier = 'none'] = await this.earlier.find([command], NOTHING_RECENT);
    if (earlier === 'none') throw refusal;
    if (earlier instanceof RequestError) throw earlier;
    const { id, channel } = command;
    // Nothing recent was given, so the place is the window's or the read model's, who know the time.
    const { seq, at } = earlier;
    const found = await this.earlier.read(earlier);
    const isGone = found === 'gone';
    requireSame(eventOf(command), isGone ? { type: 'gone', channel: earlier.channel } : found.event);
    return { id, channel, seq, at: isGone ? new Date(at!).toISOString() : found.at, duplicate: true };
  }
}
