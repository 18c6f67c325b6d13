import { Body, Controller, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { PostMessage } from '#libs/domain/conversation/conversation.decider.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { CommandProblems, invalidName } from '#libs/platform/openapi/problems.js';
import type { RequestError } from '#libs/protocol/errors.js';
import { postSchema, postedSchema } from '#libs/protocol/schemas/message.schema.js';
import { ChannelAccess } from '../access/channel-access.js';
import { BotLimits } from '../limits/bot-limits.js';
import { readPost } from './conversation-requests.js';
import { AcceptMessageCommand } from './accept-message.command.js';
import type { Posted } from './posted.js';
import { Repeats } from './repeats.js';

const EXAMPLE = { id: '0198c0de-7a3b-7c21-9d4e-5f60718293a4', channel: 'general' };
const ANSWER = { ...EXAMPLE, seq: 41, at: '2026-01-02T03:04:05.678Z' };

/** Accepts `post` requests of bots over HTTP. */
@ApiTags('messages')
@Controller('messages')
export class MessagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly access: ChannelAccess,
    private readonly limits: BotLimits,
    private readonly repeats: Repeats,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Post a message; answered once it is on disk' })
  @JsonBody(postSchema, { ...EXAMPLE, body: 'hello' })
  @JsonAnswer(201, 'Accepted', postedSchema, ANSWER)
  @JsonAnswer(200, 'Accepted before', postedSchema, { ...ANSWER, duplicate: true })
  @CommandProblems(
    ['empty_message', 'Message cannot be empty'],
    invalidName('channel'),
    ['unknown_channel', 'There is no channel named "general"'],
    ['id_conflict', 'This id was used for another message'],
    ['channel_archived', 'Channel "general" is archived'],
    ['message_too_large', 'body and data together must not exceed 10240 bytes of UTF-8'],
    ['rate_limited', 'Too many requests, try again'],
  )
  async post(
    @Body() body: unknown,
    @CurrentCaller() caller: Extract<Caller, { role: 'bot' }>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Posted> {
    const overRate = this.limits.enterOrRefuse(caller.bot, response);
    const posted = overRate
      ? await this.repeats.answerOr(readOr(overRate, caller.bot, body), overRate)
      : await this.accept(caller, body);
    response.status(posted.duplicate ? 200 : 201);
    return posted;
  }

  private async accept({ bot, keyId }: Extract<Caller, { role: 'bot' }>, body: unknown): Promise<Posted> {
    const { command, refusal } = readPost(bot, body, { keyId });
    if (!refusal) await this.access.lookForNewMember(command.channel, bot);
    return this.commands.execute(new AcceptMessageCommand(command, refusal));
  }
}

/**
 * Returns the request as a command. Throws the given refusal if the request cannot be read, because a bot over its rate
 * is told that first, whatever it has sent.
 */
const readOr = (refusal: RequestError, bot: string, body: unknown): PostMessage => {
  try {
    return readPost(bot, body).command;
  } catch {
    throw refusal;
  }
};
