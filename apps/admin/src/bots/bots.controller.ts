import { Controller, Get, Param, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Directory } from '#libs/directory/directory.js';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { NameInPath } from '#libs/platform/openapi/problems.js';
import { botItemSchema, botSchema, pageOf } from '#libs/protocol/schemas/read-models.schema.js';
import { NamePipe } from '#libs/platform/http/request.pipe.js';
import { Paged, Problems, ReadAnswer, ShownAsOf, WaitsForPosition } from '../openapi/answers.js';
import { ItemAsOfQuery, ListAsOfQuery, positionNeeded, questionOf } from '../query/list.query.js';
import type { Page } from '../query/page.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { ReadModels } from '../read-models/read-models.js';
import type { Reflecting } from '../read-models/read-models.js';
import { ReflectingInterceptor } from '../read-models/reflecting.interceptor.js';
import { getBotAsOf, listBotsAsOf } from './bots-as-of.js';
import { getBot, listBots } from './bots.query.js';
import { withExpiry } from './key-expiry.js';
import type { BotDetail, BotItem } from './bots.query.js';

const BOT = {
  bot: 'alice',
  status: 'active',
  registeredAt: '2026-11-23T18:30:00.000Z',
  keys: [{ keyId: 'abcd2345', issuedAt: '2026-11-23T18:30:00.000Z', expiresAt: '2027-01-31T00:00:00.000Z' }],
  presence: { state: 'offline', since: '2026-11-23T19:00:00.000Z', reason: 'client_closed' },
};

/** Lists bots, for admins. */
@ApiTags('bots')
@UseInterceptors(ReflectingInterceptor)
@Controller('bots')
export class BotQueriesController {
  constructor(
    private readonly readModels: ReadModels,
    private readonly directory: Directory,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List bots by name' })
  @ShownAsOf()
  @Paged()
  @WaitsForPosition()
  @ReadAnswer('A page of bots.', pageOf(botItemSchema), { items: [BOT], next: 'YjEgYWxpY2U' })
  @Problems()
  async list(@Query() raw: Record<string, unknown>): Promise<Reflecting<Page<BotItem>>> {
    const query = parseQuery(ListAsOfQuery, raw, ['limit']);
    const { asOf } = query;
    return this.readModels.answer({
      text: questionOf('bots', query),
      from: ['bots', 'presence'],
      minPosition: positionNeeded(query),
      ask: async (source) => {
        const page = await (asOf === undefined ? listBots(source, query) : listBotsAsOf(source, asOf, query));
        return { ...page, items: page.items.map((item) => withExpiry(item, this.directory)) };
      },
    });
  }

  @Get(':name')
  @ApiOperation({ summary: 'One bot, the ids of its keys and the channels it is in' })
  @NameInPath('name', 'alice')
  @ShownAsOf()
  @WaitsForPosition()
  @ReadAnswer('The bot.', botSchema, {
    ...BOT,
    channels: [{ channel: 'general', since: '2026-11-23T18:40:00.000Z', from: -1 }],
  })
  @Problems(
    ['unknown_bot', 'There is no bot named "alice"'],
    ['invalid_name', `Field "name" must match ${NAME_PATTERN.source}`],
  )
  async one(
    @Param('name', NamePipe) name: string,
    @Query() raw: Record<string, unknown>,
  ): Promise<Reflecting<BotDetail>> {
    const query = parseQuery(ItemAsOfQuery, raw);
    const { asOf } = query;
    return this.readModels.answer({
      text: questionOf('bot', { name, asOf }),
      from: ['bots', 'memberships', 'presence'],
      minPosition: positionNeeded(query),
      ask: async (source) => {
        const bot = asOf === undefined ? getBot(source, name) : getBotAsOf(source, name, asOf);
        return withExpiry(await bot, this.directory);
      },
    });
  }
}
