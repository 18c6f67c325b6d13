import { Injectable } from '@nestjs/common';
import { HistoryRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { History } from './history.js';

/**
 * Answers one `history` of a connection after the other, each when what came before has been read for the most part:
 * however many are asked for at once, no more than one of them lies in memory.
 */
@Injectable()
export class HistoryVerb implements Verb {
  readonly name = 'history';
  /** Settles when the last one that was asked for may be followed by another. */
  private readonly last = new WeakMap<Session, Promise<void>>();

  constructor(private readonly history: History) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const request = parseRequest(HistoryRequest, payload);
    const before = this.last.get(session) ?? Promise.resolve();
    let finish!: () => void;
    this.last.set(session, new Promise((resolve) => (finish = resolve)));
    await before;
    try {
      await session.room();
      return { answer: await this.history.read(session.bot, request, session) };
    } finally {
      // The answer goes out first.
      setImmediate(finish);
    }
  }
}
