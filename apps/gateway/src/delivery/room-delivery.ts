import { Injectable } from '@nestjs/common';
import type { Audience, Gap } from '#libs/delivery/channel-feeds.js';
import type { Place } from '#libs/delivery/place.js';
import { Broadcast } from '../socket/broadcast.js';
import type { PresenceSaid } from '../socket/wire-events.js';
import { DeliveryPace } from './delivery-pace.js';

/**
 * A message goes to its room: what the log brings to a channel is sent, in the same turn, to the connections that are live
 * in it. After each of these those of them that do not read are looked for. Who is still catching up is none of its concern:
 * see `channel-delivery.ts`.
 */
@Injectable()
export class RoomDelivery implements Audience {
  constructor(
    private readonly broadcast: Broadcast,
    private readonly pace: DeliveryPace,
  ) {}

  takePlace(place: Place): void {
    this.broadcast.place(place);
    this.pace.sent(place.channel);
  }

  takeGap(gap: Gap): void {
    this.broadcast.gap(gap);
  }

  /** Who came or went, to the members that are live here; less some connections. */
  presence(said: PresenceSaid, except: readonly string[]): void {
    this.broadcast.presence(said, except);
    this.pace.slow.sent(said.channel);
  }

  /** How many connections are live in a channel here. */
  liveIn(channel: string): number {
    return this.broadcast.liveIn(channel);
  }
}
