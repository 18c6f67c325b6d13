import { Body, Controller, Delete, HttpCode, Param, Post, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { DirectoryTails } from '#libs/directory/directory-tails.js';
import { Directory } from '#libs/directory/directory.js';
import { Rejection } from '#libs/domain/rejection.js';
import { botStream } from '#libs/domain/stream-names.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { NamePipe, RequestPipe } from '#libs/platform/http/request.pipe.js';
import type { Checked } from '#libs/platform/http/request.pipe.js';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { CommandProblems, NameInPath, invalidName } from '#libs/platform/openapi/problems.js';
import { OpenChannelRequest } from '#libs/protocol/requests/admin.requests.js';
import { name, object, oneWordOf } from '#libs/protocol/schemas/schema.js';
import { actorOf } from '#libs/directory/actor-of.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';

const visibility = oneWordOf('public', 'private');
const EXAMPLE = { channel: 'ops', visibility: 'public' };

/** Handles the commands by which admins manage channels and their members. */
@ApiTags('channels')
@Controller('channels')
export class ChannelsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly directory: Directory,
    private readonly tails: DirectoryTails,
    private readonly feeds: ChannelFeeds,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Open a channel' })
  @JsonBody(object({ channel: name }, { visibility }), EXAMPLE)
  @JsonAnswer(201, 'The channel.', object({ channel: name, visibility }), EXAMPLE)
  @CommandProblems(invalidName('channel'), ['already_exists', 'There is a channel named "ops" already'])
  async open(
    @Body(new RequestPipe(OpenChannelRequest)) request: Checked<OpenChannelRequest>,
    @CurrentCaller() caller: Caller,
  ): Promise<object> {
    const opened = { channel: request.channel, visibility: request.visibility ?? 'public' };
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'OpenChannel', ...opened }, actorOf(caller)),
    );
    return opened;
  }

  @Post(':channel/archive')
  @HttpCode(204)
  @ApiOperation({ summary: 'Archive a channel: it takes no posts and no members any more' })
  @NameInPath('channel', 'ops')
  @ApiNoContentResponse()
  @CommandProblems(invalidName('channel'), ['unknown_channel', 'There is no channel named "ops"'])
  async archive(@Param('channel', NamePipe) channel: string, @CurrentCaller() caller: Caller): Promise<void> {
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'ArchiveChannel', channel }, actorOf(caller)),
    );
  }

  @Put(':channel/members/:bot')
  @HttpCode(204)
  @ApiOperation({ summary: 'Make a bot a member; it receives what comes after' })
  @NameInPath('channel', 'ops')
  @NameInPath('bot', 'alice')
  @ApiNoContentResponse()
  @CommandProblems(
    invalidName('bot'),
    ['unknown_channel', 'There is no channel named "ops"'],
    ['unknown_bot', 'There is no bot named "alice"'],
    ['channel_archived', 'Channel "ops" is archived'],
  )
  async add(
    @Param('channel', NamePipe) channel: string,
    @Param('bot', NamePipe) bot: string,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    if (!this.knows(bot)) await this.tails.readOn(botStream(bot));
    if (!this.knows(bot)) {
      throw new Rejection('unknown_bot', `There is no bot named "${bot}"`);
    }
    const { head } = await this.feeds.open(channel);
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'AddMember', channel, bot, head }, actorOf(caller)),
    );
  }

  @Delete(':channel/members/:bot')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a bot out of a channel' })
  @NameInPath('channel', 'ops')
  @NameInPath('bot', 'alice')
  @ApiNoContentResponse()
  @CommandProblems(
    invalidName('bot'),
    ['unknown_channel', 'There is no channel named "ops"'],
    ['unknown_bot', 'There is no bot named "alice"'],
  )
  async remove(
    @Param('channel', NamePipe) channel: string,
    @Param('bot', NamePipe) bot: string,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'LeaveChannel', channel, bot }, actorOf(caller)),
    );
  }

  private knows(bot: string): boolean {
    return this.directory.bot(bot).status !== 'unknown';
  }
}
