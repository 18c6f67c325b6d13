import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { EditRequest } from '#libs/protocol/requests/change.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import type { Session } from '../connection/session.js';
import type { Answer, Verb } from '../connection/verb.js';
import { ChangeMessageCommand } from './change-message.command.js';

@Injectable()
export class EditVerb implements Verb {
  readonly name = 'edit';

  constructor(private readonly commands: CommandBus) {}

  async handle({ bot, said }: Session, payload: unknown): Promise<Answer> {
    const { id, channel, target, body, data } = parseRequest(EditRequest, payload);
    const edit = { type: 'EditMessage', id, channel, bot, target, body } as const;
    const change = data === undefined ? edit : { ...edit, data };
    return { answer: await said.note(channel, this.commands.execute(new ChangeMessageCommand(change))) };
  }
}
