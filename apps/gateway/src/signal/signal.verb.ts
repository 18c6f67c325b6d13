import { Injectable } from '@nestjs/common';
import { SignalRequest } from '#libs/protocol/requests/signal.request.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { ChannelAccess } from '../access/channel-access.js';
import { Broadcast } from '../socket/broadcast.js';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { endsWithin } from '#libs/time/deadline.js';

/**
 * Milliseconds after which a signal that waits for the messages before it is dropped, because it has lost its meaning.
 */
const STALE_MS = 2_000;

/** Passes a signal on to the members who are live on this gateway, without storing it. */
@Injectable()
export class SignalVerb implements Verb {
  readonly name = 'signal';

  constructor(
    private readonly access: ChannelAccess,
    private readonly broadcast: Broadcast,
  ) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const { channel, type, data } = parseRequest(SignalRequest, payload);
    const { bot } = session;
    this.access.requireMember(channel, bot);
    if (await endsWithin(STALE_MS, session.said.waitForMessages(channel))) {
      const signal = { channel, bot, type };
      this.broadcast.sendSignal(data === undefined ? signal : { ...signal, data }, session.connection);
    }
    return { answer: {} };
  }
}
