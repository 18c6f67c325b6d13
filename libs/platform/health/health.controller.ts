import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Open } from '../http/access.decorator.js';
import { HealthRegistry, type HealthReport } from './health.registry.js';

const READY = { ready: true, components: { log: { ready: true } } };

/** For load balancers and supervisors. */
@ApiTags('health')
@Open()
@Controller('health')
export class HealthController {
  constructor(@Inject(HealthRegistry) private readonly registry: HealthRegistry) {}

  /** The process answers; says nothing of the stores, so that their absence gets nobody restarted. */
  @ApiOperation({ summary: 'Whether the process answers' })
  @ApiOkResponse({ schema: { example: { live: true } } })
  @Get('live')
  live(): { live: true } {
    return { live: true };
  }

  /** 200 when every component can do its work, else 503; the components in either case. */
  @ApiOperation({ summary: 'Whether every component can do its work' })
  @ApiOkResponse({ schema: { example: READY } })
  @ApiServiceUnavailableResponse({ schema: { example: { ...READY, ready: false } } })
  @Get('ready')
  ready(@Res({ passthrough: true }) response: Response): HealthReport {
    const report = this.registry.report();
    response.status(report.ready ? 200 : 503).setHeader('Cache-Control', 'no-store');
    return report;
  }
}
