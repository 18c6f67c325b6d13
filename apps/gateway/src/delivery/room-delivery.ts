import { Injectable } from '@nestjs/common';
import type { Audience, Gap } from '#libs/delivery/audience.js';
import type { Place } from '#libs/delivery/place.js';
import { Broadcast } from '../socket/broadcast.js';
import type { PresenceSaid } from '../socket/wire-events.js';
import { DeliveryPace } from './delivery-pace.js';

/**
 * Sends what the log brings to a channel, in the same turn of the event loop, to the connections that are live in it.
 * It also counts these messages, so that live connections that do not read are noticed. Connections that still catch up
 * are served by `channel-delivery.ts`.
 */
@Injectable()
export class RoomDelivery implements Audience {
  constructor(
    private readonly broadcast: Broadcast,
    private readonly pace: DeliveryPace,
  ) {}

  takePlace(place: Place): void {
    this.broadcast.sendPlace(place);
    this.pace.noteBroadcast(place.channel);
  }

  takeGap(gap: Gap): void {
    this.broadcast.sendGap(gap);
  }

  /** Announces who came or went to the members that are live here, except on some connections. */
  announcePresence(said: PresenceSaid, except: readonly string[]): void {
    this.broadcast.sendPresence(said, except);
    this.pace.slow.noteBroadcast(said.channel);
  }

  /** Returns how many connections are live in a channel at this gateway. */
  liveIn(channel: string): number {
    return this.broadcast.liveIn(channel);
  }
}
