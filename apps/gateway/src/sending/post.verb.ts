import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { readPost } from './conversation-requests.js';
import { AcceptMessageCommand } from './accept-message.command.js';

/** Accepts new messages over Socket.IO. */
@Injectable()
export class PostVerb implements Verb {
  readonly name = 'post';

  constructor(private readonly commands: CommandBus) {}

  async handle({ bot, said, via }: Session, payload: unknown): Promise<Answer> {
    const { command, refusal } = readPost(bot, payload, via);
    const posting = this.commands.execute(new AcceptMessageCommand(command, refusal));
    return { answer: await said.trackMessage(command.channel, posting) };
  }
}
