import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { readEdit } from './conversation-requests.js';
import { AcceptMessageCommand } from './accept-message.command.js';

/** Accepts edits of messages over Socket.IO. */
@Injectable()
export class EditVerb implements Verb {
  readonly name = 'edit';

  constructor(private readonly commands: CommandBus) {}

  async handle({ bot, said, via }: Session, payload: unknown): Promise<Answer> {
    const { command, refusal } = readEdit(bot, payload, via);
    const changing = this.commands.execute(new AcceptMessageCommand(command, refusal));
    return { answer: await said.trackMessage(command.channel, changing) };
  }
}
