import { Module } from '@nestjs/common';
import { BotsModule } from './bots/bots.module.js';
import { CursorsModule } from './cursors/cursors.module.js';
import { DoorModule } from './door/door.module.js';
import { FollowLogModule } from './follow-log/follow-log.module.js';
import { GatewayLife } from './gateway-life.js';
import { GatewayProgress } from './gateway-progress.js';
import { KeysModule } from './keys/keys.module.js';
import { PresenceModule } from './presence/presence.module.js';
import { SendingModule } from './sending/sending.module.js';
import { StoreWatchModule } from './store-watch/store-watch.module.js';

/**
 * The role `gateway`: bots over Socket.IO, and the command side of HTTP. Each folder next to this file is a Nest
 * module.
 */
@Module({
  imports: [
    DoorModule,
    SendingModule,
    CursorsModule,
    PresenceModule,
    FollowLogModule,
    StoreWatchModule,
    BotsModule,
    KeysModule,
  ],
  providers: [GatewayLife, GatewayProgress],
})
export class GatewayModule {}
