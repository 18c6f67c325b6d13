import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { isMember } from '#libs/domain/channel/channel.decider.js';
import type { ChannelFeed } from '#libs/delivery/channel-feed.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { JoinRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { BotLimits } from '../limits/bot-limits.js';
import { Membership } from '../sessions/membership.js';
import { MEMBERSHIP_COST } from '../limits/request-costs.js';
import type { Session } from '../sessions/session.js';
import { requireWithin } from '../cursors/starting-points.js';
import type { Answer, Verb } from '../sessions/verb.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import { ChannelAccess } from '../access/channel-access.js';

/** Makes the bot a member, sets this consumer's cursor where the bot asked for it, then starts delivery. */
@Injectable()
export class JoinVerb implements Verb {
  readonly name = 'join';

  constructor(
    private readonly commands: CommandBus,
    private readonly access: ChannelAccess,
    private readonly feeds: ChannelFeeds,
    private readonly membership: Membership,
    private readonly limits: BotLimits,
  ) {}

  async handle(session: Session, payload: unknown): Promise<Answer> {
    const { channel, from } = parseRequest(JoinRequest, payload);
    const member = isMember(this.access.requireKnown(channel), session.bot);
    const feed = await this.feeds.openAt(channel, typeof from === 'number' ? from : -1);
    if (member && from === undefined) return { answer: this.placeOf(session, feed) };
    const cursor = requireWithin(
      from === 'start' ? -1 : from === 'now' || from === undefined ? feed.head : from,
      feed,
    );
    if (!member) this.limits.charge(session.bot, MEMBERSHIP_COST);
    session.beginJoin(channel);
    try {
      await this.commands.execute(
        new ChangeDirectoryCommand(
          { type: 'JoinChannel', channel, bot: session.bot, head: feed.head },
          { kind: 'bot', name: session.bot, ...session.via },
        ),
      );
      session.requireConnected();
      session.undeliver(channel);
      session.cursors.set(channel, cursor);
      await session.cursors.stored();
    } catch (error) {
      session.endJoin(channel);
      throw error;
    }
    const answer = { channel, head: feed.head, cursor };
    return { answer, afterwards: () => this.startDelivery(session, channel) };
  }

  private startDelivery(session: Session, channel: string): void {
    session.endJoin(channel);
    this.membership.syncChannel(session, channel);
  }

  private placeOf(session: Session, { channel, head }: ChannelFeed): object {
    const memberSince = this.access.requireMember(channel, session.bot).members.get(session.bot);
    return { channel, head, cursor: session.cursors.get(channel) ?? memberSince };
  }
}
