import { Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { DeliveryEvidence } from './deliveries/deliveries.js';
import { EventFinder } from './event-index/event-finder.js';
import { KeyChanges } from './keys/key-changes.js';
import { KeysController } from './keys/keys.controller.js';
import { LogController } from './log/log.controller.js';
import { LogReader } from './log/log-reader.js';
import { MilestoneLife } from './milestones/milestone-life.js';
import { MessageProver } from './proof/message-prover.js';
import { ProofAccess } from './proof/proof-access.js';
import { ProofController } from './proof/proof.controller.js';
import { OpenReplays } from './replay/open-replays.js';
import { ReplayController } from './replay/replay.controller.js';
import { AuditGateway } from './socket/audit.gateway.js';
import { Replayer } from './replay/replayer.js';
import { TreeLife } from './tree/tree-life.js';
import { Witnesses } from './witness/witnesses.js';
import { WhyController } from './why/why.controller.js';
import { Verifications } from './verify/verifications.js';
import { VerifyController } from './verify/verify.controller.js';

/**
 * Answers all queries of auditors. They need only the event store, so they work while PostgreSQL is
 * unreachable.
 */
@Module({
  controllers: [
    ReplayController,
    LogController,
    KeysController,
    ProofController,
    WhyController,
    DeliveriesController,
    VerifyController,
  ],
  providers: [
    KeyChanges,
    Replayer,
    OpenReplays,
    MilestoneLife,
    AuditGateway,
    TreeLife,
    Witnesses,
    LogReader,
    MessageProver,
    ProofAccess,
    EventFinder,
    Verifications,
    DeliveryEvidence,
  ],
})
export class AuditModule {}
