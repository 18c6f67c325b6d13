import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BotsController } from './bots.controller.js';

/** Lets admins manage bots and their keys. */
@Module({
  imports: [CqrsModule],
  controllers: [BotsController],
})
export class BotsModule {}
