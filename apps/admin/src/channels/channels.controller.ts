import { Controller, Get, Param, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { NameInPath } from '#libs/platform/openapi/problems.js';
import { channelItemSchema, channelSchema, pageOf } from '#libs/protocol/schemas/read-models.schema.js';
import { IsName } from '#libs/protocol/validation/rules.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { Paged, Problems, ReadAnswer, ShownAsOf, WaitsForPosition } from '../openapi/answers.js';
import { ItemAsOfQuery, ListAsOfQuery, positionNeeded, questionOf } from '../query/list.query.js';
import type { Page } from '../query/page.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { ReadModels } from '../read-models/read-models.js';
import type { Reflecting } from '../read-models/read-models.js';
import { ReflectingInterceptor } from '../read-models/reflecting.interceptor.js';
import { getChannelAsOf, listChannelsAsOf } from './channels-as-of.js';
import { getChannel, listChannels } from './channels.query.js';
import type { ChannelDetail, ChannelItem } from './channels.query.js';

class ChannelParameter {
  @IsName()
  channel: string;
}

const CHANNEL = {
  channel: 'general',
  visibility: 'public',
  status: 'open',
  openedAt: '2026-11-23T18:00:00.000Z',
  memberCount: 2,
  head: 41,
  lastMessageAt: '2026-11-23T18:30:00.000Z',
};

/** Lists channels and their members, for admins. */
@ApiTags('channels')
@UseInterceptors(ReflectingInterceptor)
@Controller('channels')
export class ChannelQueriesController {
  constructor(private readonly readModels: ReadModels) {}

  @Get()
  @ApiOperation({ summary: 'List channels by name' })
  @ShownAsOf()
  @Paged()
  @WaitsForPosition()
  @ReadAnswer('A page of channels.', pageOf(channelItemSchema), { items: [CHANNEL], next: 'YzEgZ2VuZXJhbA' })
  @Problems()
  async list(@Query() raw: Record<string, unknown>): Promise<Reflecting<Page<ChannelItem>>> {
    const query = parseQuery(ListAsOfQuery, raw, ['limit']);
    const { asOf } = query;
    return this.readModels.answer({
      text: questionOf('channels', query),
      from: asOf === undefined ? ['channels', 'messages'] : ['channels', 'memberships', 'messages'],
      minPosition: positionNeeded(query),
      ask: (source) =>
        asOf === undefined ? listChannels(source, query) : listChannelsAsOf(source, asOf, query),
    });
  }

  @Get(':channel')
  @ApiOperation({ summary: 'One channel and its members' })
  @NameInPath('channel', 'general')
  @ShownAsOf()
  @WaitsForPosition()
  @ReadAnswer('The channel.', channelSchema, {
    ...CHANNEL,
    members: [{ bot: 'alice', since: '2026-11-23T18:10:00.000Z', from: -1 }],
  })
  @Problems(
    ['unknown_channel', 'There is no channel named "general"'],
    ['invalid_name', `Field "channel" must match ${NAME_PATTERN.source}`],
  )
  async one(
    @Param('channel') given: string,
    @Query() raw: Record<string, unknown>,
  ): Promise<Reflecting<ChannelDetail>> {
    const { channel } = parseRequest(ChannelParameter, { channel: given });
    const query = parseQuery(ItemAsOfQuery, raw);
    const { asOf } = query;
    return this.readModels.answer({
      text: questionOf('channel', { channel, asOf }),
      from: ['channels', 'memberships', 'messages'],
      minPosition: positionNeeded(query),
      ask: (source) =>
        asOf === undefined ? getChannel(source, channel) : getChannelAsOf(source, channel, asOf),
    });
  }
}
