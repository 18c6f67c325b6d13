import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { issueKey } from '#libs/platform/access/access-key.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { Access, CurrentCaller } from '#libs/platform/http/access.decorator.js';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { CommandProblems } from '#libs/platform/openapi/problems.js';
import { IssueOperatorKeyRequest } from '#libs/protocol/requests/admin.requests.js';
import { object, oneWordOf, text } from '#libs/protocol/schemas/schema.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { actorOf } from '../directory/actor-of.js';
import { ChangeDirectoryCommand } from '../directory/change-directory.command.js';

const role = oneWordOf('admin', 'auditor');

/** Keys of people: admins and auditors. */
@ApiTags('keys')
@Access('admin')
@Controller('keys')
export class KeysController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @ApiOperation({ summary: 'Make a key for an admin or an auditor; it is shown this once' })
  @JsonBody(object({ role }), { role: 'auditor' })
  @JsonAnswer(201, 'The key.', object({ role, keyId: text(), key: text() }), {
    role: 'auditor',
    keyId: 'abcd2345',
    key: 'auditor.abcd2345.…',
  })
  @CommandProblems()
  async issue(@Body() body: unknown, @CurrentCaller() caller: Caller): Promise<object> {
    const asked = parseRequest(IssueOperatorKeyRequest, body);
    const { key, keyId, hash } = issueKey({ role: asked.role });
    await this.commands.execute(
      new ChangeDirectoryCommand(
        { type: 'IssueOperatorKey', role: asked.role, keyId, hash },
        actorOf(caller),
      ),
    );
    return { role: asked.role, keyId, key };
  }
}
