import { Body, Controller, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Caller } from '#libs/platform/access/caller.js';
import { Access, CurrentCaller } from '#libs/platform/http/access.decorator.js';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { CommandProblems, invalidName } from '#libs/platform/openapi/problems.js';
import { PostRequest } from '#libs/protocol/requests/post.request.js';
import { postSchema, postedSchema } from '#libs/protocol/schemas/message.schema.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { ChannelAccess } from '../channels/channel-access.js';
import { BotLimits } from '../connection/bot-limits.js';
import { PostMessageCommand } from './post-message.command.js';
import type { Posted } from './posted.js';

const EXAMPLE = { id: '0198c0de-7a3b-7c21-9d4e-5f60718293a4', channel: 'general' };
const ANSWER = { ...EXAMPLE, seq: 41, at: '2026-01-02T03:04:05.678Z' };

/** `post` for bots that speak HTTP. */
@ApiTags('messages')
@Controller('messages')
export class MessagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly access: ChannelAccess,
    private readonly limits: BotLimits,
  ) {}

  @Post()
  @Access('bot')
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
    this.limits.enter(caller.bot, response);
    const request = parseRequest(PostRequest, body);
    await this.access.requireNewMember(request.channel, caller.bot);
    const posted = await this.commands.execute(new PostMessageCommand(caller.bot, request));
    response.status(posted.duplicate ? 200 : 201);
    return posted;
  }
}
