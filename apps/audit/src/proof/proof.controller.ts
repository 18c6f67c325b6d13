import { Controller, Get, Header, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Caller } from '#libs/platform/access/caller.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { PeopleLimits } from '#libs/platform/http/people-limits.js';
import { DescribesProof } from './proof.openapi.js';
import type { MessageProof } from './message-proof.js';
import { MessageProver } from './message-prover.js';
import { ProofAccess } from './proof-access.js';
import { readProofRequest } from './proof.request.js';

/** Gives members and auditors the proof that a message is in the audit log. */
@ApiTags('messages')
@Controller('messages')
export class ProofController {
  /** The gateways limit what bots ask of them; here each bot has as much again. */
  private readonly limits: PeopleLimits;

  constructor(
    private readonly prover: MessageProver,
    private readonly access: ProofAccess,
    @Inject(SETTINGS) { rate }: Settings,
  ) {
    this.limits = new PeopleLimits({ rate: rate.perSecond, burst: rate.burst });
  }

  @Get(':bot/:id/proof')
  @Header('cache-control', 'no-store')
  @DescribesProof()
  proof(
    @Param() address: Readonly<{ bot: string; id: string }>,
    @Query() query: Record<string, unknown>,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MessageProof> {
    if (caller.role === 'bot') this.limits.beginRequest(caller.bot, response);
    return this.prover.prove(readProofRequest(address, query), async (channel) => {
      if (caller.role === 'bot') await this.access.requireMember(channel, caller.bot);
    });
  }
}
