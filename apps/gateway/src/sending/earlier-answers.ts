import { Injectable } from '@nestjs/common';
import { eventOf, requireSame } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { RequestError } from '#libs/protocol/errors.js';
import { EarlierMessages } from './earlier-messages.js';
import type { Place } from './earlier-messages.js';
import type { Posted } from './posted.js';

const NOTHING_RECENT: ReadonlyMap<string, Place> = new Map();

/**
 * Answers requests again that were accepted before, with their first answer, whatever has changed since. So the id is
 * checked before anything else that may have changed.
 */
@Injectable()
export class EarlierAnswers {
  constructor(private readonly earlier: EarlierMessages) {}

  /**
   * Returns the first answer to a request that would be refused now.
   *
   * @throws RequestError the refusal if the request was never accepted, or `read_model_unavailable` if that cannot be
   * decided now
   * @throws Rejection `id_conflict`
   * @throws StoreUnavailable
   */
  async answerOr(command: ConversationCommand, refusal: Error): Promise<Posted> {
    const [earlier = 'none'] = await this.earlier.find([command], NOTHING_RECENT);
    if (earlier === 'none') throw refusal;
    if (earlier instanceof RequestError) throw earlier;
    const { id, channel } = command;
    // No recent messages were given, so the place comes from the window or the read model, and both know the time.
    const { seq, at } = earlier;
    const found = await this.earlier.read(earlier);
    const isGone = found === 'gone';
    requireSame(eventOf(command), isGone ? { type: 'gone', channel: earlier.channel } : found.event);
    return { id, channel, seq, at: isGone ? new Date(at!).toISOString() : found.at, duplicate: true };
  }
}
