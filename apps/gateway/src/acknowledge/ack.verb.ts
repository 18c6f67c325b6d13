import { Injectable } from '@nestjs/common';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { parseCursorMap } from '#libs/protocol/requests/cursor-map.js';
import { ChannelAccess } from '../access/channel-access.js';
import { requireWithin } from '../cursors/starting-points.js';
import type { Session } from '../sessions/session.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { withDeadline } from '#libs/time/deadline.js';

/** Milliseconds that storing the cursors may take before the request is refused. */
const STORE_DEADLINE_MS = 30_000;

/** Moves cursors forward, either all or none of them, and answers once they are stored. */
@Injectable()
export class AckVerb implements Verb {
  readonly name = 'ack';

  constructor(
    private readonly access: ChannelAccess,
    private readonly feeds: ChannelFeeds,
  ) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const cursors = Object.entries(parseCursorMap(payload, 'The payload'));
    this.requireMember(session, cursors);
    for (const [channel, seq] of cursors) {
      const { head } = await this.feeds.openAt(channel, seq);
      requireWithin(seq, { channel, head });
    }
    // While the feeds were opened, the bot may have left a channel, or its connection may have ended.
    session.requireConnected();
    this.requireMember(session, cursors);
    for (const [channel, seq] of cursors) session.cursors.advance(channel, seq);
    await withDeadline(STORE_DEADLINE_MS, session.cursors.stored(), notStoredYet);
    return { answer: {} };
  }

  private requireMember({ bot }: Session, cursors: readonly (readonly [string, number])[]): void {
    for (const [channel] of cursors) this.access.requireMember(channel, bot);
  }
}

const notStoredYet = (): StoreUnavailable => new StoreUnavailable('The cursor is not stored yet');
