import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { PostRequest } from '#libs/protocol/requests/post.request.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import type { Session } from '../connection/session.js';
import type { Answer, Verb } from '../connection/verb.js';
import { PostMessageCommand } from './post-message.command.js';

@Injectable()
export class PostVerb implements Verb {
  readonly name = 'post';

  constructor(private readonly commands: CommandBus) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const request = parseRequest(PostRequest, payload);
    const posting = this.commands.execute(new PostMessageCommand(session.bot, request));
    return { answer: await session.said.note(request.channel, posting) };
  }
}
