import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Registry } from 'prom-client';
import { RequestError } from '#libs/protocol/errors.js';
import { Insight } from '../http/insight.js';

/** Serves the metrics to Prometheus: to requests from this machine, or with the token of `VERBATIM_METRICS_TOKEN`. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(Registry) private readonly registry: Registry,
    private readonly insight: Insight,
  ) {}

  /** @throws RequestError `forbidden` */
  @ApiOperation({ summary: 'Figures for Prometheus' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' }, example: '# HELP …' } } })
  @ApiForbiddenResponse({ description: 'forbidden' })
  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  async metrics(@Req() request: Request): Promise<string> {
    if (!this.insight.mayReadMetrics(request))
      throw new RequestError('forbidden', 'Metrics are for this machine or a metrics token');
    return this.registry.metrics();
  }
}
