import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Insight } from '../http/insight.js';
import { mapOf, object, text, booleanValue } from '#libs/protocol/schemas/schema.js';
import { JsonAnswer } from '../openapi/content.js';
import { boundedReport } from './bounded-report.js';
import { HealthRegistry, withoutDetails, type HealthReport } from './health.registry.js';

const READY = { ready: true, components: { log: { ready: true } } };

const REPORT = object({
  ready: booleanValue,
  components: mapOf(object({ ready: booleanValue }, { detail: text() })),
});

/** Answers load balancers and supervisors. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthRegistry) private readonly registry: HealthRegistry,
    private readonly insight: Insight,
  ) {}

  /** Says that the process answers. Ignores the stores, so that nobody restarts the process because a store is down. */
  @ApiOperation({ summary: 'Whether the process answers' })
  @JsonAnswer(200, 'It does.', object({ live: booleanValue }), { live: true })
  @Get('live')
  live(): { live: true } {
    return { live: true };
  }

  /**
   * Answers 200 when every component can do its work, else 503, with the list of components in either case. Details
   * contain names, also of private channels, so strangers get none. The answer stays within 1 KB: long details are cut.
   */
  @ApiOperation({ summary: 'Whether every component can do its work' })
  @JsonAnswer(200, 'All can.', REPORT, READY)
  @JsonAnswer(503, 'Some cannot.', REPORT, { ...READY, ready: false })
  @Get('ready')
  ready(@Req() request: Request, @Res({ passthrough: true }) response: Response): HealthReport {
    const report = this.registry.report();
    response.status(report.ready ? 200 : 503);
    return boundedReport(this.insight.maySeeNames(request) ? report : withoutDetails(report));
  }
}
