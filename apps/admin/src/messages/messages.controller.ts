import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Access } from '#libs/platform/http/access.decorator.js';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { Paged, Problems, ReadAnswer, WaitsForPosition } from '../openapi/answers.js';
import { questionOf } from '../query/list.query.js';
import type { Page } from '../query/page.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { ReadModels } from '../read-models/read-models.js';
import type { Reflecting } from '../read-models/read-models.js';
import { ReflectingInterceptor } from '../read-models/reflecting.interceptor.js';
import { listMessages } from './list-messages.query.js';
import type { MessageItem } from './list-messages.query.js';
import { ListMessagesQuery, SEARCH_CHARACTERS, positionNeeded } from './list-messages.request.js';

const name = { type: 'string', pattern: NAME_PATTERN.source } as const;
const EXAMPLE = {
  items: [
    {
      id: '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
      channel: 'general',
      seq: 41,
      kind: 'posted',
      bot: 'alice',
      body: 'The build is green',
      data: { build: 1207 },
      at: '2026-11-23T18:30:00.000Z',
      position: '182734',
    },
  ],
  next: 'bTEgMTgyNzM0IDQx',
};

/** Messages of all channels, for admins. */
@ApiTags('messages')
@Access('admin')
@UseInterceptors(ReflectingInterceptor)
@Controller('messages')
export class MessageQueriesController {
  constructor(private readonly readModels: ReadModels) {}

  @Get()
  @ApiOperation({ summary: 'Find messages, newest first' })
  @ApiQuery({ name: 'channel', required: false, schema: name, example: 'general' })
  @ApiQuery({ name: 'bot', required: false, schema: name, example: 'alice' })
  @ApiQuery({
    name: 'q',
    required: false,
    schema: { type: 'string', minLength: 1, maxLength: SEARCH_CHARACTERS },
    example: 'build -red "all green"',
    description:
      'Words that must be in the body; `-word` must not, `"some words"` in this order, `or` between alternatives.',
  })
  @ApiQuery({
    name: 'from',
    required: false,
    schema: { type: 'string', format: 'date-time' },
    example: '2026-11-23T00:00:00Z',
    description: 'Recorded then or later.',
  })
  @ApiQuery({
    name: 'to',
    required: false,
    schema: { type: 'string', format: 'date-time' },
    example: '2099-01-01T00:00:00Z',
    description: 'Recorded before then.',
  })
  @ApiQuery({
    name: 'asOf',
    required: false,
    schema: { type: 'string' },
    example: '182734',
    description:
      'A position, or a time: the messages as they stood then, but for what was redacted since, which stays redacted. Words are looked for in the texts as they stand now.',
  })
  @Paged()
  @WaitsForPosition()
  @ReadAnswer('A page of messages.', EXAMPLE)
  @Problems(['invalid_name', `Field "channel" must match ${NAME_PATTERN.source}`])
  async list(@Query() raw: Record<string, unknown>): Promise<Reflecting<Page<MessageItem>>> {
    const query = parseQuery(ListMessagesQuery, raw, ['limit']);
    return this.readModels.answer({
      text: questionOf('messages', query),
      from: ['messages'],
      minPosition: positionNeeded(query),
      ask: (source) => listMessages(source, query),
    });
  }
}
