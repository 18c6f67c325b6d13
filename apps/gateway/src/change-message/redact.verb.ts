import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RedactRequest } from '#libs/protocol/requests/change.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import type { Session } from '../connection/session.js';
import type { Answer, Verb } from '../connection/verb.js';
import { ChangeMessageCommand } from './change-message.command.js';

@Injectable()
export class RedactVerb implements Verb {
  readonly name = 'redact';

  constructor(private readonly commands: CommandBus) {}

  async handle({ bot, said }: Session, payload: unknown): Promise<Answer> {
    const { id, channel, target, reason } = parseRequest(RedactRequest, payload);
    const redact = { type: 'RedactMessage', id, channel, bot, target } as const;
    const change = reason === undefined ? redact : { ...redact, reason };
    return { answer: await said.note(channel, this.commands.execute(new ChangeMessageCommand(change))) };
  }
}
