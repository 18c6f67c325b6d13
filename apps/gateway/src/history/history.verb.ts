import { Injectable } from '@nestjs/common';
import { HistoryRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import type { Session } from '../connection/session.js';
import type { Answer, Verb } from '../connection/verb.js';
import { History } from './history.js';

@Injectable()
export class HistoryVerb implements Verb {
  readonly name = 'history';

  constructor(private readonly history: History) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    return { answer: await this.history.read(session.bot, parseRequest(HistoryRequest, payload)) };
  }
}
