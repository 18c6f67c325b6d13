import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { QueryParameter } from '#libs/platform/openapi/content.js';
import { messageItemSchema, pageOf } from '#libs/protocol/schemas/read-models.schema.js';
import { instant, name, text } from '#libs/protocol/schemas/schema.js';
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

const SEARCH_SYNTAX = [
  'Words that must be in the body: `word`; `"some words"` in this order; `depl*` for all that begin so; `-word` and `-"some words"` for what must not be there; `or` between alternatives.',
  'Case does not matter, nor how a character is encoded (`é`, `ﬁ`, full width); accents do.',
  'What is joined in a text (`foo_bar.baz`, `v1.2.3-rc1`, a path, an address) is found whole, joined as it is there, and by each of its parts; `getUserName` also by `user`.',
  'Text without spaces between words (Chinese, Japanese, Thai and others), and Korean, is found by any stretch of it.',
  'Emoji and other signs are found as words are; punctuation is not looked for.',
].join(' ');

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
@UseInterceptors(ReflectingInterceptor)
@Controller('messages')
export class MessageQueriesController {
  constructor(private readonly readModels: ReadModels) {}

  @Get()
  @ApiOperation({ summary: 'Find messages, newest first' })
  @QueryParameter('channel', name, undefined, 'general')
  @QueryParameter('bot', name, undefined, 'alice')
  @QueryParameter('q', text(SEARCH_CHARACTERS), SEARCH_SYNTAX, 'build -red "all green" depl*')
  @QueryParameter('from', instant, 'Recorded then or later.', '2026-11-23T00:00:00Z')
  @QueryParameter('to', instant, 'Recorded before then.', '2099-01-01T00:00:00Z')
  @QueryParameter(
    'asOf',
    text(),
    'A position, or a time: the messages as they stood then, but for what was redacted since, which stays redacted. Words are looked for in the texts as they stand now.',
    '2099-01-01T00:00:00Z',
  )
  @Paged()
  @WaitsForPosition()
  @ReadAnswer('A page of messages.', pageOf(messageItemSchema), EXAMPLE)
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
