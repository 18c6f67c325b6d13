import { Injectable } from '@nestjs/common';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Message } from '#libs/protocol/message.js';
import type { HistoryRequest } from '#libs/protocol/requests/channel.requests.js';
import { ChannelAccess } from '../channels/channel-access.js';

/** A stretch of a channel in ascending order, and whether there is more on the side it was read towards. */
export type Stretch = Readonly<{ messages: readonly Message[]; more: boolean }>;

const DEFAULT_LIMIT = 50;

/** Reads a channel's past from its stream, for members. */
@Injectable()
export class History {
  constructor(
    private readonly access: ChannelAccess,
    private readonly feeds: ChannelFeeds,
  ) {}

  /** @throws RequestError `unknown_channel`, `forbidden` or `invalid_payload`; StoreUnavailable */
  async read(
    bot: string,
    { channel, before, after, limit = DEFAULT_LIMIT }: HistoryRequest,
  ): Promise<Stretch> {
    await this.access.requireNewMember(channel, bot);
    if (before !== undefined && after !== undefined) {
      throw new RequestError('invalid_payload', 'Field "before" and field "after" exclude each other');
    }
    if (after !== undefined) {
      const messages = await this.feeds.readAfter(channel, after, { messages: limit + 1, weight: Infinity });
      return { messages: messages.slice(0, limit), more: messages.length > limit };
    }
    const messages = await this.feeds.readBefore(channel, before, limit + 1);
    return { messages: messages.slice(-limit), more: messages.length > limit };
  }
}
