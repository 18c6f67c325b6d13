import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BotsController } from './bots.controller.js';

/** Bots and their keys, for admins. */
@Module({
  imports: [CqrsModule],
  controllers: [BotsController],
})
export class BotsModule {}
