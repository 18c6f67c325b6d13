import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccessTrail } from '#libs/access-trail/access-trail.js';
import { accessOf, readerOf } from '#libs/access-trail/records-reads.interceptor.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { CallerRequest } from '#libs/platform/http/caller-request.js';
import { OptionalRequestPipe, type Checked } from '#libs/platform/http/request.pipe.js';
import { refuseQuery } from '../formats/refuse-query.js';
import { Verifications, type VerificationState } from './verifications.js';
import { DescribesStart, DescribesState, DescribesStop } from './verify.openapi.js';
import { VerifyRequest, keptIn } from './verify.request.js';

const END = new Boundary('audit.verify');

/** Verifies the log on behalf of auditors. */
@ApiTags('audit')
@Controller('audit/verify')
export class VerifyController {
  constructor(
    private readonly verifications: Verifications,
    private readonly trail: AccessTrail,
  ) {}

  /** It is on record who has begun it before it begins, and how it ended. */
  @Post()
  @HttpCode(202)
  @DescribesStart()
  async start(
    @Req() request: CallerRequest,
    @Query() query: Record<string, unknown>,
    @Body(new OptionalRequestPipe(VerifyRequest)) asked: Checked<VerifyRequest>,
  ): Promise<VerificationState> {
    refuseQuery(query);
    const kept = keptIn(asked);
    const access = accessOf(request, readerOf(request)!);
    await this.trail.record({ ...access, state: 'begun' });
    return this.verifications.startVerification(kept, ({ state, progress }) =>
      END.run(() =>
        this.trail.record({
          ...access,
          state: state === 'done' ? 'done' : 'cut',
          count: progress?.events ?? 0,
        }),
      ),
    );
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  @DescribesState()
  state(@Query() query: Record<string, unknown>): VerificationState {
    refuseQuery(query);
    return this.verifications.newest;
  }

  @Delete()
  @DescribesStop()
  async stop(@Query() query: Record<string, unknown>): Promise<VerificationState> {
    refuseQuery(query);
    return this.verifications.stopVerification();
  }
}
