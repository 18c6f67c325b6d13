import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AckVerb } from '../acknowledge/ack.verb.js';
import { AcknowledgeModule } from '../acknowledge/acknowledge.module.js';
import { ChannelsModule } from '../channels/channels.module.js';
import { JoinVerb } from '../channels/join.verb.js';
import { LeaveVerb } from '../channels/leave.verb.js';
import { CursorsModule } from '../cursors/cursors.module.js';
import { DamageModule } from '../damage/damage.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { FollowLogModule } from '../follow-log/follow-log.module.js';
import { HistoryModule } from '../history/history.module.js';
import { HistoryVerb } from '../history/history.verb.js';
import { LimitsModule } from '../limits/limits.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { WhoVerb } from '../presence/who.verb.js';
import { EditVerb } from '../sending/edit.verb.js';
import { PostVerb } from '../sending/post.verb.js';
import { RedactVerb } from '../sending/redact.verb.js';
import { SendingModule } from '../sending/sending.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import type { Verb } from '../sessions/verb.js';
import { SignalModule } from '../signal/signal.module.js';
import { SignalVerb } from '../signal/signal.verb.js';
import { SocketModule } from '../socket/socket.module.js';
import { Arrivals } from './arrivals.js';
import { BotsGateway, VERBS } from './bots.gateway.js';
import { Connect } from './connect.js';
import { Farewell } from './farewell.js';

/** All requests that a bot can make over Socket.IO. */
const verbs = [
  PostVerb,
  EditVerb,
  RedactVerb,
  AckVerb,
  JoinVerb,
  LeaveVerb,
  HistoryVerb,
  WhoVerb,
  SignalVerb,
];

/** Lets bots connect, takes their requests, and sends them away when the gateway stops. */
@Module({
  imports: [
    AccessModule,
    AcknowledgeModule,
    ChannelsModule,
    CursorsModule,
    DamageModule,
    DeliveryModule,
    FollowLogModule,
    HistoryModule,
    LimitsModule,
    PresenceModule,
    SendingModule,
    SessionsModule,
    SignalModule,
    SocketModule,
  ],
  providers: [
    Arrivals,
    BotsGateway,
    Connect,
    Farewell,
    { provide: VERBS, inject: verbs, useFactory: (...all: Verb[]) => all },
  ],
  exports: [Farewell],
})
export class DoorModule {}
