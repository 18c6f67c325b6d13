import { Injectable } from '@nestjs/common';
import { isMember } from '#libs/domain/channel/channel.decider.js';
import type { Channel } from '#libs/domain/channel/channel.decider.js';
import { channelStream } from '#libs/domain/stream-names.js';
import { DirectoryTails } from '#libs/directory/directory-tails.js';
import { Directory } from '#libs/directory/directory.js';
import { channelDamaged } from '#libs/delivery/channel-damaged.js';
import { RequestError } from '#libs/protocol/errors.js';

type KnownChannel = Exclude<Channel, { status: 'unknown' }>;

/** Who may do what in a channel. Every request asks, for each channel it names. */
@Injectable()
export class ChannelAccess {
  constructor(
    private readonly directory: Directory,
    private readonly tails: DirectoryTails,
  ) {}

  /** @throws RequestError `unknown_channel` or `channel_damaged` */
  requireKnown(channel: string): KnownChannel {
    const state = this.directory.channel(channel);
    const stream = channelStream(channel);
    const damage = this.directory.damageOf(stream);
    if (damage) throw channelDamaged(channel, stream, damage.revision);
    if (state.status === 'unknown') {
      throw new RequestError('unknown_channel', `There is no channel named "${channel}"`);
    }
    return state;
  }

  /** @throws RequestError `unknown_channel` or `forbidden` */
  requireMember(channel: string, bot: string): KnownChannel {
    const state = this.requireKnown(channel);
    if (!isMember(state, bot)) {
      throw new RequestError('forbidden', `Bot "${bot}" is not a member of channel "${channel}"`);
    }
    return state;
  }

  /**
   * The same, for requests that may wait: the membership may be so new that it is looked for in the log.
   * @throws RequestError `unknown_channel` or `forbidden`
   */
  async requireNewMember(channel: string, bot: string): Promise<KnownChannel> {
    await this.lookForNewMember(channel, bot);
    return this.requireMember(channel, bot);
  }

  /** Looks in the log for a membership that is not known here yet. Never throws. */
  async lookForNewMember(channel: string, bot: string): Promise<void> {
    if (!isMember(this.directory.channel(channel), bot)) await this.tails.readOn(channelStream(channel));
  }

  /** @throws RequestError `unknown_channel`, `forbidden` or `channel_archived` */
  requireWritable(channel: string, bot: string): void {
    const state = this.requireMember(channel, bot);
    if (state.status === 'archived') {
      throw new RequestError('channel_archived', `Channel "${channel}" is archived`);
    }
  }
}
