import { Module } from '@nestjs/common';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { Redactions } from '#libs/delivery/redactions.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { SocketModule } from '../socket/socket.module.js';
import { DeliveryPace } from './delivery-pace.js';
import { RoomDelivery } from './room-delivery.js';

/** Delivers a channel's feed to connections: to the room of those that are live, or to each one that catches up. */
@Module({
  imports: [SocketModule],
  providers: [
    DeliveryPace,
    RoomDelivery,
    Redactions,
    {
      provide: ChannelFeeds,
      inject: [EventStore, RoomDelivery, Redactions],
      useFactory: (store: EventStore, rooms: RoomDelivery, redactions: Redactions) =>
        new ChannelFeeds(store, rooms, redactions),
    },
  ],
  exports: [DeliveryPace, RoomDelivery, Redactions, ChannelFeeds],
})
export class DeliveryModule {}
