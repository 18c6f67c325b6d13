import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { Directory } from '#libs/directory/directory.js';
import { channelStream, messagesStream, parseStreamName } from '#libs/domain/stream-names.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Sessions } from '../sessions/sessions.js';
import type { Session } from '../sessions/session.js';

const NOTICES = new Boundary('bots.stopped-channels');

/** Tells the members of a channel when it stops at an event that cannot be decoded, and when it continues. */
@Injectable()
export class StoppedChannels implements OnModuleInit {
  /** The channels that bots were last told have stopped. */
  private readonly told = new Set<string>();

  constructor(
    private readonly directory: Directory,
    private readonly feeds: ChannelFeeds,
    private readonly sessions: Sessions,
  ) {}

  onModuleInit(): void {
    this.feeds.onStop((channel) => this.lookAtChannel(channel));
    this.directory.onChange(({ stream }) => {
      const place = parseStreamName(stream);
      if (place?.family === 'channel') this.lookAtChannel(place.id);
    });
  }

  /** Tells a bot that has just connected which of its channels have stopped. */
  greet(session: Session): void {
    for (const channel of this.directory.channelsOf(session.bot)) {
      const where = this.placeOf(channel);
      if (where) session.notify('channel_damaged', stopped(channel, where), channel);
    }
  }

  /**
   * Tells the members of a channel that it has stopped or continues, if that changed since they were last told. Never
   * throws.
   */
  lookAtChannel(channel: string): void {
    NOTICES.run(() => {
      const where = this.placeOf(channel);
      if ((where !== undefined) === this.told.has(channel)) return;
      if (where) this.told.add(channel);
      else this.told.delete(channel);
      for (const bot of this.directory.members(channel))
        for (const session of this.sessions.sessionsOf(bot))
          if (where) session.notify('channel_damaged', stopped(channel, where), channel);
          else session.notify('channel_restored', `Channel "${channel}" goes on`, channel);
    });
  }

  /** Returns the event at which the channel has stopped, in words, or undefined if it has not stopped. */
  private placeOf(channel: string): string | undefined {
    const stream = channelStream(channel);
    const damage = this.directory.damageOf(stream);
    if (damage) return `event ${damage.revision} of stream "${stream}"`;
    const seq = this.feeds.stopOf(channel);
    return seq === undefined ? undefined : `event ${seq} of stream "${messagesStream(channel)}"`;
  }
}

const stopped = (channel: string, where: string): string =>
  `Channel "${channel}" is stopped: ${where} can't be understood, and an admin has to decide about it`;
