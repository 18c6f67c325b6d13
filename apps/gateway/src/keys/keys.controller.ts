import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { issueKey } from '#libs/platform/access/access-key.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { Access, CurrentCaller } from '#libs/platform/http/access.decorator.js';
import { CommandProblems } from '#libs/platform/openapi/problems.js';
import { IssueOperatorKeyRequest } from '#libs/protocol/requests/admin.requests.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { actorOf } from '../directory/actor-of.js';
import { ChangeDirectoryCommand } from '../directory/change-directory.command.js';

/** Keys of people: admins and auditors. */
@ApiTags('keys')
@Access('admin')
@Controller('keys')
export class KeysController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @ApiOperation({ summary: 'Make a key for an admin or an auditor; it is shown this once' })
  @ApiBody({ schema: { example: { role: 'auditor' } } })
  @ApiCreatedResponse({
    schema: { example: { role: 'auditor', keyId: 'abcd2345', key: 'auditor.abcd2345.…' } },
  })
  @CommandProblems()
  async issue(@Body() body: unknown, @CurrentCaller() caller: Caller): Promise<object> {
    const { role } = parseRequest(IssueOperatorKeyRequest, body);
    const { key, keyId, hash } = issueKey({ role });
    await this.commands.execute(
      new ChangeDirectoryCommand({ type: 'IssueOperatorKey', role, keyId, hash }, actorOf(caller)),
    );
    return { role, keyId, key };
  }
}
