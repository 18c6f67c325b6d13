import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { QueryParameter } from '#libs/platform/openapi/content.js';
import { INTERVALS } from '#libs/projections/activity/activity.table.js';
import { statsSchema } from '#libs/protocol/schemas/read-models.schema.js';
import { instant, name, oneWordOf } from '#libs/protocol/schemas/schema.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { Problems, ReadAnswer, WaitsForPosition } from '../openapi/answers.js';
import { minPositionOf, questionOf } from '../query/list.query.js';
import { ReadModels } from '../read-models/read-models.js';
import type { Reflecting } from '../read-models/read-models.js';
import { ReflectingInterceptor } from '../read-models/reflecting.interceptor.js';
import { getStats } from './get-stats.query.js';
import type { Stats } from './get-stats.query.js';
import { GetStatsQuery } from './get-stats.request.js';
import { MAX_INTERVALS, statsRange } from './stats-range.js';

const EXAMPLE = {
  interval: 'hour',
  from: '2026-11-23T18:00:00.000Z',
  to: '2026-11-23T20:00:00.000Z',
  items: [
    { at: '2026-11-23T18:00:00.000Z', posted: 41, edited: 2, redacted: 0, bytes: 4021, bots: 3, channels: 1 },
  ],
};

/** Counts messages, for admins. */
@ApiTags('stats')
@UseInterceptors(ReflectingInterceptor)
@Controller('stats')
export class StatsController {
  constructor(private readonly readModels: ReadModels) {}

  @Get()
  @ApiOperation({
    summary: 'Messages by minute, hour or day of UTC',
    description: `At most ${MAX_INTERVALS} intervals. Intervals without messages are left out.`,
  })
  @QueryParameter('channel', name, undefined, 'general')
  @QueryParameter('bot', name, undefined, 'alice')
  @QueryParameter('interval', { ...oneWordOf(...INTERVALS), default: 'hour' }, undefined, 'hour')
  @QueryParameter(
    'from',
    instant,
    'Rounded down to a whole interval; default: 60 intervals before `to`.',
    '2026-11-23T18:00:00Z',
  )
  @QueryParameter('to', instant, 'Rounded up to a whole interval; default: now.', '2026-11-23T20:00:00Z')
  @WaitsForPosition()
  @ReadAnswer('The counts, in order of time.', statsSchema, EXAMPLE)
  @Problems(['invalid_name', `Field "channel" must match ${NAME_PATTERN.source}`])
  async stats(@Query() raw: Record<string, unknown>): Promise<Reflecting<Stats>> {
    const query = parseQuery(GetStatsQuery, raw);
    const range = statsRange(query, Date.now());
    return this.readModels.answer({
      text: questionOf('stats', { channel: query.channel, bot: query.bot, ...range }),
      from: ['activity'],
      minPosition: minPositionOf(query),
      ask: (source) => getStats(source, range, query),
    });
  }
}
