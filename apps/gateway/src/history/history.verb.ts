import { Injectable } from '@nestjs/common';
import { HistoryRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { History } from './history.js';

/**
 * Answers the `history` requests of a connection one after the other. Each waits until the bot has read most of the
 * answers before it. So no more than one answer is in memory, however many are requested at once.
 */
@Injectable()
export class HistoryVerb implements Verb {
  readonly name = 'history';
  /** For each session, a promise that settles when its last request allows another one to begin. */
  private readonly last = new WeakMap<Session, Promise<void>>();

  constructor(private readonly history: History) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const request = parseRequest(HistoryRequest, payload);
    const before = this.last.get(session) ?? Promise.resolve();
    let finish!: () => void;
    this.last.set(session, new Promise((resolve) => (finish = resolve)));
    await before;
    try {
      await session.waitForRoom();
      return { answer: await this.history.read(session.bot, request, session) };
    } finally {
      // The answer is sent before the next request begins.
      setImmediate(finish);
    }
  }
}
