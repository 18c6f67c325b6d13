import { Module } from '@nestjs/common';
import { Broadcast } from './broadcast.js';

/** Sends events to the sockets of bots, to many of them at once. */
@Module({
  providers: [Broadcast],
  exports: [Broadcast],
})
export class SocketModule {}
