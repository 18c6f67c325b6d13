import { Module } from '@nestjs/common';
import { ChannelAccess } from './channel-access.js';

/** Who may do what in a channel. */
@Module({
  providers: [ChannelAccess],
  exports: [ChannelAccess],
})
export class AccessModule {}
