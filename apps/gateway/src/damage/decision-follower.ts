import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { Directory } from '#libs/directory/directory.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import { isDecisionEvent } from '#libs/event-store/codec/event-types.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Membership } from '../sessions/membership.js';
import { StoppedChannels } from './stopped-channels.js';

const DECISIONS = new Boundary('bots.decisions');

/** Continues a channel for its connected members as soon as the log brings an admin's decision about it. */
@Injectable()
export class DecisionFollower implements OnModuleInit {
  constructor(
    private readonly directory: Directory,
    private readonly feeds: ChannelFeeds,
    private readonly membership: Membership,
    private readonly stopped: StoppedChannels,
  ) {}

  onModuleInit(): void {
    this.directory.onChange((event) => DECISIONS.run(() => this.takeEvent(event)));
  }

  /**
   * Handles only decisions about channels. A bot or key whose stream was damaged has nothing open; it is let in when it
   * connects again.
   */
  private takeEvent(event: RecordedEvent): void {
    if (event.unreadable !== undefined || !isDecisionEvent(event)) return;
    const place = parseStreamName(event.data.stream);
    if (place?.family !== 'messages' && place?.family !== 'channel') return;
    this.stopped.lookAtChannel(place.id);
    // If the store is unreachable, the next message or the next look at the channel reads on.
    DECISIONS.run(() => this.feeds.continueChannel(place.id).catch(() => undefined));
    this.membership.syncMembers(place.id);
  }
}
