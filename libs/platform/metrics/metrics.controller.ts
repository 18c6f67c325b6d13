import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Registry } from 'prom-client';
import { RequestError } from '#libs/protocol/errors.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { bearerKey } from '../http/access.guard.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Prometheus reads here: from this machine, or with the token of `VERBATIM_METRICS_TOKEN`. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(Registry) private readonly registry: Registry,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws RequestError `forbidden` */
  @ApiOperation({ summary: 'Figures for Prometheus' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' }, example: '# HELP …' } } })
  @ApiForbiddenResponse({ description: 'forbidden' })
  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  async metrics(@Req() request: Request): Promise<string> {
    const allowed = isLocal(request) || hasToken(request, this.settings.metrics.token);
    if (!allowed) throw new RequestError('forbidden', 'Metrics are for this machine or a metrics token');
    return this.registry.metrics();
  }
}

/** A request that a proxy on this machine passes on comes from elsewhere. */
const isLocal = (request: Request): boolean => {
  const address = request.socket.remoteAddress ?? '';
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers.forwarded;
  const family = isIP(address);
  return forwarded === undefined && family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

const hasToken = (request: Request, token: string | undefined): boolean => {
  const given = bearerKey(request.headers.authorization);
  return token !== undefined && given !== undefined && timingSafeEqual(digest(given), digest(token));
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
