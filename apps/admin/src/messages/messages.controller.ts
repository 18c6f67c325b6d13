import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { QueryParameter } from '#libs/platform/openapi/content.js';
import { messageItemSchema, pageOf } from '#libs/protocol/schemas/read-models.schema.js';
import { instant, name, oneWordOf, text } from '#libs/protocol/schemas/schema.js';
import { Paged, Problems, ReadAnswer, WaitsForPosition } from '../openapi/answers.js';
import { positionNeeded, questionOf } from '../query/list.query.js';
import type { Page } from '../query/page.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { ReadModels } from '../read-models/read-models.js';
import type { Reflecting } from '../read-models/read-models.js';
import { ReflectingInterceptor } from '../read-models/reflecting.interceptor.js';
import { listMessages } from './list-messages.query.js';
import type { MessageItem } from './shown-messages.js';
import { ListMessagesQuery, SEARCH_CHARACTERS, SORTS } from './list-messages.request.js';

const SEARCH_SYNTAX = [
  'Words that must be in the body: `word`; `"some words"` in this order; `depl*` for words that begin like this; `-word` and `-"some words"` for words that must not be there; `or` between alternatives.',
  'Case does not matter, nor how a character is encoded (`é`, `ﬁ`, full width); accents do.',
  'A compound (`foo_bar.baz`, `v1.2.3-rc1`, a path, an address) is found as a whole, written as in the text, and by each of its parts; `getUserName` is also found by `user`.',
  'Text without spaces between words (Chinese, Japanese, Thai and others), and Korean, is found by any stretch of it.',
  'Emoji and other symbols are found like words; punctuation is ignored.',
  'If frequent words must stand in an order in which they hardly ever stand, one answer looks through 10,000 messages: it may have few items, or none, and still `next`.',
].join(' ');

const SORT_MEANING = [
  '`time`: newest first. `relevance`, only together with `q`: the best matches first. Whole words count more than parts of words, up to three occurrences more than one, and words together in the order typed most; then shorter messages come first, then newer ones.',
  'The newest matches are ranked, at most 1,000 of them, and of a frequent word those among the newest 10,000 messages. Older matches follow, ranked among themselves; the page before them may be short, or empty, and still have `next`.',
  'Pages are those of the first request: messages that arrive later are not among them, and each message that is not changed meanwhile comes exactly once.',
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

/** Finds messages in all channels, for admins. */
@ApiTags('messages')
@UseInterceptors(ReflectingInterceptor)
@Controller('messages')
export class MessageQueriesController {
  constructor(private readonly readModels: ReadModels) {}

  @Get()
  @ApiOperation({ summary: 'Find messages, newest first or by relevance' })
  @QueryParameter('channel', name, undefined, 'general')
  @QueryParameter('bot', name, undefined, 'alice')
  @QueryParameter('q', text(SEARCH_CHARACTERS), SEARCH_SYNTAX, 'build -red "all green" depl*')
  @QueryParameter('sort', { ...oneWordOf(...SORTS), default: 'time' }, SORT_MEANING, 'time')
  @QueryParameter('from', instant, 'Recorded at this time or later.', '2026-11-23T00:00:00Z')
  @QueryParameter('to', instant, 'Recorded before this time.', '2099-01-01T00:00:00Z')
  @QueryParameter(
    'asOf',
    text(),
    'A position or a time: shows the messages as they were then, except that messages redacted since stay redacted. Words are searched in the current texts.',
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
