import { Module } from '@nestjs/common';
import { Broadcast } from './broadcast.js';

/** The socket itself: what is said over it, and frames that many get at once. */
@Module({
  providers: [Broadcast],
  exports: [Broadcast],
})
export class SocketModule {}
