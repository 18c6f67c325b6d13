import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Caller } from '#libs/platform/access/caller.js';
import { Access, CurrentCaller } from '#libs/platform/http/access.decorator.js';
import { HistoryRequest } from '#libs/protocol/requests/channel.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { History } from './history.js';

/** A channel's messages for its members, oldest first. */
@ApiTags('messages')
@Controller('channels')
export class HistoryController {
  constructor(private readonly history: History) {}

  @Get(':channel/messages')
  @Access('bot')
  @ApiOperation({ summary: 'Messages of a channel after a seq' })
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'The last seq seen; default: from the first message',
  })
  @ApiQuery({ name: 'limit', required: false, description: 'At most 200; default 50' })
  @ApiOkResponse({ description: 'In ascending order; `next` is the cursor for `after` if there are more' })
  async read(
    @Param('channel') channel: string,
    @Query() query: Record<string, unknown>,
    @CurrentCaller() caller: Extract<Caller, { role: 'bot' }>,
  ): Promise<object> {
    const request = parseRequest(HistoryRequest, { after: -1, ...withNumbers(query), channel });
    const { messages, more } = await this.history.read(caller.bot, request);
    return { items: messages, ...(more ? { next: String(messages.at(-1)!.seq) } : {}) };
  }
}

/** Query parameters are text: those that spell a whole number become one, the others are left to the rules. */
const withNumbers = (query: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value,
    ]),
  );
