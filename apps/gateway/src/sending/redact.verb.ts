import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { readRedaction } from './conversation-requests.js';
import { AcceptMessageCommand } from './accept-message.command.js';

/** Accepts redactions of messages over Socket.IO. */
@Injectable()
export class RedactVerb implements Verb {
  readonly name = 'redact';

  constructor(private readonly commands: CommandBus) {}

  async handle({ bot, said, via }: Session, payload: unknown): Promise<Answer> {
    const { command, refusal } = readRedaction(bot, payload, via);
    const changing = this.commands.execute(new AcceptMessageCommand(command, refusal));
    return { answer: await said.trackMessage(command.channel, changing) };
  }
}
