import { Module } from '@nestjs/common';
import { BotLimits } from './bot-limits.js';

/** Limits how much a bot may ask for. */
@Module({
  providers: [BotLimits],
  exports: [BotLimits],
})
export class LimitsModule {}
