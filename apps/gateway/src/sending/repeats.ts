import { Inject, Injectable } from '@nestjs/common';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { parseExactly } from '#libs/protocol/exact-json/parse-exactly.js';
import { EarlierAnswers } from './earlier-answers.js';
import { EarlierMessages } from './earlier-messages.js';
import { readEdit, readPost, readRedaction } from './conversation-requests.js';
import type { Asked } from './conversation-requests.js';
import type { Posted } from './posted.js';

/** So many are answered at once; who is over its rate has no claim to more. */
const AT_ONCE = 32;

const READERS: Readonly<Record<string, (bot: string, payload: unknown) => Asked>> = {
  post: readPost,
  edit: readEdit,
  redact: readRedaction,
};

/** The id of a request as every serializer writes it. */
const ID = /"id"\s*:\s*"([0-9a-fA-F-]{36})"/;

/**
 * Requests over the rate that repeat what was accepted: a bot that lost an answer gets it again, though it may ask for
 * nothing new. Only ids in memory are looked for, before anything is parsed, for a flood of new ones is to cost little.
 */
@Injectable()
export class Repeats {
  private underWay = 0;

  constructor(
    @Inject(EarlierMessages) private readonly earlier: Pick<EarlierMessages, 'isRemembered'>,
    private readonly answers: EarlierAnswers,
  ) {}

  /** The first answer to what was accepted lately. @throws the refusal for anything else; Rejection `id_conflict` */
  async answerOr(command: ConversationCommand, refusal: Error): Promise<Posted> {
    if (this.underWay >= AT_ONCE || !this.earlier.isRemembered(command.bot, command.id)) throw refusal;
    this.underWay += 1;
    try {
      return await this.answers.answerOr(command, refusal);
    } finally {
      this.underWay -= 1;
    }
  }

  /** The same for a Socket.IO packet that is not parsed yet; undefined for what repeats nothing. */
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
