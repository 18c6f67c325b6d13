import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { LeaveRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';

/** Ends the membership, and with it the delivery on every connection of the bot. Leaving twice changes nothing. */
@Injectable()
export class LeaveVerb implements Verb {
  readonly name = 'leave';

  constructor(private readonly commands: CommandBus) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const { channel } = parseRequest(LeaveRequest, payload);
    const { bot, via } = session;
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'LeaveChannel', channel, bot }, { kind: 'bot', name: bot, ...via }),
    );
    return { answer: {} };
  }
}
