import { Body, Controller, Delete, Header, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiNoContentResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { issueKey } from '#libs/platform/keys/access-key.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { NamePipe, OptionalRequestPipe, RequestPipe } from '#libs/platform/http/request.pipe.js';
import type { Checked } from '#libs/platform/http/request.pipe.js';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { CommandProblems, NameInPath, invalidName } from '#libs/platform/openapi/problems.js';
import {
  IssueBotKeyRequest,
  RegisterBotRequest,
  SuspendBotRequest,
} from '#libs/protocol/requests/admin.requests.js';
import { instant, name, object, text } from '#libs/protocol/schemas/schema.js';
import { actorOf } from '#libs/directory/actor-of.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import { expiryOf } from '../keys/expiry.js';

const KEY_EXAMPLE = 'vb_bot.alice.abcd2345.…';

/**
 * Handles the commands by which admins manage bots and their keys. A key is in one answer only; the log holds its hash.
 */
@ApiTags('bots')
@Controller('bots')
export class BotsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @ApiOperation({ summary: 'Register a bot; its key is shown this once' })
  @Header('Cache-Control', 'no-store')
  @JsonBody(object({ name }, { expiresAt: instant }), { name: 'alice' })
  @JsonAnswer(201, 'The bot, and its key.', object({ bot: name, key: text() }, { expiresAt: instant }), {
    bot: 'alice',
    key: KEY_EXAMPLE,
  })
  @CommandProblems(invalidName('name'), ['already_exists', 'There is a bot named "alice" already'])
  async register(
    @Body(new RequestPipe(RegisterBotRequest)) asked: Checked<RegisterBotRequest>,
    @CurrentCaller() caller: Caller,
  ): Promise<object> {
    const { name: bot } = asked;
    const expiry = expiryOf(asked, Date.now());
    const { key, keyId, hash } = issueKey({ role: 'bot', bot });
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'RegisterBot', bot, keyId, hash, ...expiry }, actorOf(caller)),
    );
    return { bot, key, ...expiry };
  }

  @Post(':name/keys')
  @ApiOperation({ summary: 'Give a bot another key; it is shown this once' })
  @Header('Cache-Control', 'no-store')
  @NameInPath('name', 'alice')
  @JsonBody(object({}, { expiresAt: instant }), {}, false)
  @JsonAnswer(201, 'The key.', object({ bot: name, keyId: text(), key: text() }, { expiresAt: instant }), {
    bot: 'alice',
    keyId: 'abcd2345',
    key: KEY_EXAMPLE,
  })
  @CommandProblems(invalidName('name'), ['unknown_bot', 'There is no bot named "alice"'])
  async issueKey(
    @CurrentCaller() caller: Caller,
    @Body(new OptionalRequestPipe(IssueBotKeyRequest)) asked: Checked<IssueBotKeyRequest>,
    @Param('name', NamePipe) bot: string,
  ): Promise<object> {
    const expiry = expiryOf(asked, Date.now());
    const { key, keyId, hash } = issueKey({ role: 'bot', bot });
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'IssueKey', bot, keyId, hash, ...expiry }, actorOf(caller)),
    );
    return { bot, keyId, key, ...expiry };
  }

  @Delete(':name/keys/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key; connections made with it are closed' })
  @NameInPath('name', 'alice')
  @ApiParam({ name: 'id', schema: { type: 'string', example: 'abcd2345' } })
  @ApiNoContentResponse()
  @CommandProblems(
    invalidName('name'),
    ['unknown_bot', 'There is no bot named "alice"'],
    ['unknown_key', 'Bot "alice" has no key "abcd2345"'],
  )
  async revokeKey(
    @Param('name', NamePipe) bot: string,
    @Param('id') keyId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'RevokeKey', bot, keyId }, actorOf(caller)),
    );
  }

  @Post(':name/suspend')
  @HttpCode(204)
  @ApiOperation({ summary: 'Suspend a bot: its keys open nothing until it is reinstated' })
  @NameInPath('name', 'alice')
  @JsonBody(object({}, { reason: text(500) }), { reason: 'spam' }, false)
  @ApiNoContentResponse()
  @CommandProblems(invalidName('name'), ['unknown_bot', 'There is no bot named "alice"'])
  async suspend(
    @CurrentCaller() caller: Caller,
    @Body(new OptionalRequestPipe(SuspendBotRequest)) { reason }: Checked<SuspendBotRequest>,
    @Param('name', NamePipe) bot: string,
  ): Promise<void> {
    const change = { type: 'SuspendBot', bot, ...(reason === undefined ? {} : { reason }) } as const;
    await this.commands.execute(new ChangeDirectoryCommand(change, actorOf(caller)));
  }

  @Post(':name/reinstate')
  @HttpCode(204)
  @ApiOperation({ summary: 'Let a suspended bot in again' })
  @NameInPath('name', 'alice')
  @ApiNoContentResponse()
  @CommandProblems(invalidName('name'), ['unknown_bot', 'There is no bot named "alice"'])
  async reinstate(@Param('name', NamePipe) bot: string, @CurrentCaller() caller: Caller): Promise<void> {
    await this.commands.execute(new ChangeDirectoryCommand({ type: 'ReinstateBot', bot }, actorOf(caller)));
  }
}
