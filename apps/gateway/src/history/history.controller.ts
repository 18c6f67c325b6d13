import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { JsonAnswer, QueryParameter } from '#libs/platform/openapi/content.js';
import { NameInPath, ProblemAnswers, invalidName } from '#libs/platform/openapi/problems.js';
import { LIMITS } from '#libs/protocol/limits.js';
import { messagesSchema, skippedSchema } from '#libs/protocol/schemas/message.schema.js';
import { object, seq, text } from '#libs/protocol/schemas/schema.js';
import { HistoryRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { BotLimits } from '../limits/bot-limits.js';
import { History } from './history.js';

const MESSAGE = {
  id: '0198c0de-7a3b-7c21-9d4e-5f60718293a4',
  channel: 'general',
  seq: 41,
  kind: 'posted',
  bot: 'alice',
  body: 'hello',
  at: '2026-01-02T03:04:05.678Z',
};

/** Serves a channel's messages to its members over HTTP, the oldest first. */
@ApiTags('messages')
@Controller('channels')
export class HistoryController {
  constructor(
    private readonly history: History,
    private readonly limits: BotLimits,
  ) {}

  @Get(':channel/messages')
  @ApiOperation({ summary: 'Messages of a channel after a seq' })
  @NameInPath('channel', 'general')
  @QueryParameter('after', seq, 'The last seq seen; default: from the first message', -1)
  @QueryParameter(
    'limit',
    { type: 'integer', minimum: 1, maximum: LIMITS.historyMessages },
    'At most 200; default 50',
    50,
  )
  @JsonAnswer(
    200,
    'In ascending order; `next` is the cursor for `after` if there are more',
    object({ items: messagesSchema }, { next: text(), skipped: skippedSchema }),
    { items: [MESSAGE], next: '41' },
  )
  @ProblemAnswers([
    ['invalid_payload', 'Field "limit" must be a whole number from 1 to 200'],
    invalidName('channel'),
    ['unauthenticated', 'A valid key is needed'],
    ['forbidden', 'Bot "alice" is not in channel "general"'],
    ['unknown_channel', 'There is no channel named "general"'],
    ['rate_limited', 'Too many requests, try again'],
    ['store_unavailable', 'The event store is not reachable, try again'],
  ])
  async read(
    @Param('channel') channel: string,
    @Query() query: Record<string, unknown>,
    @CurrentCaller() { bot }: Extract<Caller, { role: 'bot' }>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    this.limits.beginRequest(bot, response);
    const request = parseRequest(HistoryRequest, { after: -1, ...withNumbers(query), channel });
    const { messages, more, skipped } = await this.history.read(bot, request, bot);
    const last = Math.max(messages.at(-1)?.seq ?? -1, skipped?.at(-1)?.to ?? -1);
    return { items: messages, ...(more ? { next: String(last) } : {}), ...(skipped && { skipped }) };
  }
}

/** Turns query parameters that spell a whole number into numbers. The others stay text and are left to the rules. */
const withNumbers = (query: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value,
    ]),
  );
