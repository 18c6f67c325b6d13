import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { Access } from '#libs/platform/http/access.decorator.js';
import { INTERVALS } from '#libs/projections/activity/activity.table.js';
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

const name = { type: 'string', pattern: NAME_PATTERN.source } as const;
const time = { type: 'string', format: 'date-time' } as const;
const EXAMPLE = {
  interval: 'hour',
  from: '2026-11-23T18:00:00.000Z',
  to: '2026-11-23T20:00:00.000Z',
  items: [
    { at: '2026-11-23T18:00:00.000Z', posted: 41, edited: 2, redacted: 0, bytes: 4021, bots: 3, channels: 1 },
  ],
};

/** How much was said, for admins. */
@ApiTags('stats')
@Access('admin')
@UseInterceptors(ReflectingInterceptor)
@Controller('stats')
export class StatsController {
  constructor(private readonly readModels: ReadModels) {}

  @Get()
  @ApiOperation({
    summary: 'Messages by minute, hour or day of UTC',
    description: `At most ${MAX_INTERVALS} intervals. Those in which nothing was said are left out.`,
  })
  @ApiQuery({ name: 'channel', required: false, schema: name, example: 'general' })
  @ApiQuery({ name: 'bot', required: false, schema: name, example: 'alice' })
  @ApiQuery({
    name: 'interval',
    required: false,
    schema: { type: 'string', enum: [...INTERVALS], default: 'hour' },
    example: 'hour',
  })
  @ApiQuery({
    name: 'from',
    required: false,
    schema: time,
    example: '2026-11-23T18:00:00Z',
    description: 'Rounded down to a whole interval; default: 60 intervals before `to`.',
  })
  @ApiQuery({
    name: 'to',
    required: false,
    schema: time,
    example: '2026-11-23T20:00:00Z',
    description: 'Rounded up to a whole interval; default: now.',
  })
  @WaitsForPosition()
  @ReadAnswer('What was said, in the order of time.', EXAMPLE)
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
