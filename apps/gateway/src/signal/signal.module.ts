import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { SocketModule } from '../socket/socket.module.js';
import { SignalVerb } from './signal.verb.js';

/** What bots let each other know and nobody stores. */
@Module({
  imports: [AccessModule, SocketModule],
  providers: [SignalVerb],
  exports: [SignalVerb],
})
export class SignalModule {}
