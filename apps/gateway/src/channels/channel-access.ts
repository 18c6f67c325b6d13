import { Injectable } from '@nestjs/common';
import { isMember } from '#libs/domain/channel/channel.decider.js';
import type { Channel } from '#libs/domain/channel/channel.decider.js';
import { Directory } from '#libs/directory/directory.js';
import { RequestError } from '#libs/protocol/errors.js';

type KnownChannel = Exclude<Channel, { status: 'unknown' }>;

/** Who may do what in a channel. Every request asks, for each channel it names. */
@Injectable()
export class ChannelAccess {
  constructor(private readonly directory: Directory) {}

  /** @throws RequestError `unknown_channel` */
  requireKnown(channel: string): KnownChannel {
    const state = this.directory.channel(channel);
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

  /** @throws RequestError `unknown_channel`, `forbidden` or `channel_archived` */
  requireWritable(channel: string, bot: string): void {
    const state = this.requireMember(channel, bot);
    if (state.status === 'archived') {
      throw new RequestError('channel_archived', `Channel "${channel}" is archived`);
    }
  }
}
