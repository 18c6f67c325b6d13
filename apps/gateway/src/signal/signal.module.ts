import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { SocketModule } from '../socket/socket.module.js';
import { SignalVerb } from './signal.verb.js';

/** Passes signals between bots, which are not stored. */
@Module({
  imports: [AccessModule, SocketModule],
  providers: [SignalVerb],
  exports: [SignalVerb],
})
export class SignalModule {}
