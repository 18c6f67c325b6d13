import { Injectable } from '@nestjs/common';
import { Directory } from '#libs/directory/directory.js';
import { isOnline } from '#libs/domain/presence/presence.js';
import { WhoRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { ChannelAccess } from '../access/channel-access.js';
import { BotLimits } from '../limits/bot-limits.js';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { PresenceBoard } from './presence-board.js';
import { PresenceRecorder } from './presence-recorder.js';
import { endsWithin } from '#libs/time/deadline.js';

/** About how many bytes one bot takes in an answer. */
const ENTRY_BYTES = 96;

/** Milliseconds that the bot's own arrival may take to come back from the log. */
const ARRIVAL_MS = 1_000;

/** Tells which members of a channel are online, at whichever gateway. */
@Injectable()
export class WhoVerb implements Verb {
  readonly name = 'who';

  constructor(
    private readonly access: ChannelAccess,
    private readonly limits: BotLimits,
    private readonly directory: Directory,
    private readonly board: PresenceBoard,
    private readonly recorder: PresenceRecorder,
  ) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const { channel } = parseRequest(WhoRequest, payload);
    this.access.requireMember(channel, session.bot);
    await this.waitForArrival(session);
    const bots = this.directory
      .members(channel)
      .toSorted()
      .map((bot) => this.entryOf(bot));
    this.limits.chargeAnswer(session.bot, bots.length * ENTRY_BYTES);
    return { answer: { bots } };
  }

  /**
   * Returns the entry of a bot. A bot that is connected here is online even while the log does not show that, because a
   * bot that comes and goes often is recorded later.
   */
  private entryOf(bot: string): Readonly<{ bot: string; state: string; since?: string }> {
    const presence = this.board.presenceOf(bot);
    const isHere = this.recorder.connectionsOf(bot).length > 0;
    if (isHere && !isOnline(presence)) return { bot, state: 'online' };
    const state = isOnline(presence) ? 'online' : 'offline';
    return presence.since === undefined ? { bot, state } : { bot, state, since: presence.since };
  }

  /** Waits until the log shows the bot's own connection, so that the answer contains it with its time. */
  private async waitForArrival(session: Session): Promise<void> {
    await endsWithin(ARRIVAL_MS, this.recorder.announced(session));
  }
}
