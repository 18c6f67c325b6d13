import { Inject, Injectable } from '@nestjs/common';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { parseExactly } from '#libs/protocol/exact-json/parse-exactly.js';
import { EarlierAnswers } from './earlier-answers.js';
import { EarlierMessages } from './earlier-messages.js';
import { readEdit, readPost, readRedaction } from './conversation-requests.js';
import type { Asked } from './conversation-requests.js';
import type { Posted } from './posted.js';

/** How many repeats are answered at once. A bot that is over its rate has no claim to more. */
const AT_ONCE = 32;

const READERS: Readonly<Record<string, (bot: string, payload: unknown) => Asked>> = {
  post: readPost,
  edit: readEdit,
  redact: readRedaction,
};

/** Matches the id of a request as every serializer writes it. */
const ID = /"id"\s*:\s*"([0-9a-fA-F-]{36})"/;

/**
 * Answers requests that are over the rate but repeat an accepted one: a bot that lost an answer gets it again, although
 * it may not ask for anything new. Only ids in memory are checked, before anything is parsed, so that a flood of new
 * ids costs little.
 */
@Injectable()
export class Repeats {
  private underWay = 0;

  constructor(
    @Inject(EarlierMessages) private readonly earlier: Pick<EarlierMessages, 'isRemembered'>,
    private readonly answers: EarlierAnswers,
  ) {}

  /**
   * Returns the first answer to a request that was accepted lately.
   *
   * @throws Error the given refusal for any other request
   * @throws Rejection `id_conflict`
   */
  async answerOr(command: ConversationCommand, refusal: Error): Promise<Posted> {
    if (this.underWay >= AT_ONCE || !this.earlier.isRemembered(command.bot, command.id)) throw refusal;
    this.underWay += 1;
    try {
      return await this.answers.answerOr(command, refusal);
    } finally {
      this.underWay -= 1;
    }
  }

  /**
   * Does the same for a Socket.IO packet that is not parsed yet. Returns undefined for a packet that repeats nothing.
   */
  ofPacket(
    bot: string,
    event: string | undefined,
    packet: string,
    refusal: Error,
  ): Promise<Posted> | undefined {
    const read = event !== undefined && Object.hasOwn(READERS, event) ? READERS[event]! : undefined;
    const id = read && ID.exec(packet)?.[1];
    if (!read || id === undefined || !this.earlier.isRemembered(bot, id)) return undefined;
    return this.parsed(read, bot, packet, refusal);
  }

  private async parsed(
    read: (bot: string, payload: unknown) => Asked,
    bot: string,
    packet: string,
    refusal: Error,
  ): Promise<Posted> {
    const [, payload] = parseExactly(packet.slice(packet.indexOf('[')), { hidden: 1 }) as unknown[];
    return this.answerOr(read(bot, payload).command, refusal);
  }
}
