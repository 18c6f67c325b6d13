import { Injectable } from '@nestjs/common';
import { isMember } from '#libs/domain/channel/channel.decider.js';
import type { Channel } from '#libs/domain/channel/channel.decider.js';
import { channelStream } from '#libs/domain/stream-names.js';
import { DirectoryTails } from '#libs/directory/directory-tails.js';
import { Directory } from '#libs/directory/directory.js';
import { channelDamaged } from '#libs/delivery/channel-damaged.js';
import { RequestError } from '#libs/protocol/errors.js';

type KnownChannel = Exclude<Channel, { status: 'unknown' }>;

/** Checks what a bot may do in a channel. Every request calls it for each channel that it names. */
@Injectable()
export class ChannelAccess {
  constructor(
    private readonly directory: Directory,
    private readonly tails: DirectoryTails,
  ) {}

  /**
   * Returns the state of a channel that exists and can be relied on.
   *
   * @throws RequestError `unknown_channel` or `channel_damaged`
   */
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

  /**
   * Returns the state of a channel that the bot is a member of.
   *
   * @throws RequestError `unknown_channel`, `channel_damaged` or `forbidden`
   */
  requireMember(channel: string, bot: string): KnownChannel {
    const state = this.requireKnown(channel);
    if (!isMember(state, bot)) {
      throw new RequestError('forbidden', `Bot "${bot}" is not a member of channel "${channel}"`);
    }
    return state;
  }

  /**
   * Does the same as {@link requireMember} for requests that may wait. The membership may be so new that this process
   * does not know it yet, so it is looked up in the log.
   *
   * @throws RequestError `unknown_channel`, `channel_damaged` or `forbidden`
   */
  async requireNewMember(channel: string, bot: string): Promise<KnownChannel> {
    await this.lookForNewMember(channel, bot);
    return this.requireMember(channel, bot);
  }

  /** Looks in the log for a membership that this process does not know yet. Never throws. */
  async lookForNewMember(channel: string, bot: string): Promise<void> {
    if (!isMember(this.directory.channel(channel), bot)) await this.tails.readOn(channelStream(channel));
  }

  /**
   * Checks that the bot may write in the channel: it is a member, and the channel is not archived.
   *
   * @throws RequestError `unknown_channel`, `channel_damaged`, `forbidden` or `channel_archived`
   */
  requireWritable(channel: string, bot: string): void {
    const state = this.requireMember(channel, bot);
    if (state.status === 'archived') {
      throw new RequestError('channel_archived', `Channel "${channel}" is archived`);
    }
  }
}
