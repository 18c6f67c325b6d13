import { Module } from '@nestjs/common';
import { ChannelAccess } from './channel-access.js';

/** Provides the checks of what a bot may do in a channel. */
@Module({
  providers: [ChannelAccess],
  exports: [ChannelAccess],
})
export class AccessModule {}
