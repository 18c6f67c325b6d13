import { Body, Controller, Delete, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiNoContentResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { issueKey } from '#libs/platform/keys/access-key.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { CurrentCaller } from '#libs/platform/http/current-caller.decorator.js';
import { JsonAnswer, JsonBody, QueryParameter } from '#libs/platform/openapi/content.js';
import { CommandProblems } from '#libs/platform/openapi/problems.js';
import { IssueOperatorKeyRequest, RevokeOperatorKeyQuery } from '#libs/protocol/requests/admin.requests.js';
import { instant, object, oneWordOf, text } from '#libs/protocol/schemas/schema.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { RequestPipe } from '#libs/platform/http/request.pipe.js';
import type { Checked } from '#libs/platform/http/request.pipe.js';
import { actorOf } from '#libs/directory/actor-of.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import { expiryOf } from './expiry.js';
import { issuedBeforeOf } from './issued-before.js';
import { OperatorKeyRoles } from './operator-key-roles.js';

const role = oneWordOf('admin', 'auditor');

const REVOKING = `Revoking a key that is already revoked changes nothing. A bot’s key has its own route.

Tokens of an identity provider are revoked here too. \`jwt.…\` stands for one token, \`sub.…\`, \`bot.…\` and \`iss.…\` for all tokens of a
subject, of a bot or of an issuer; the rest of the id is the first 32 hexadecimal digits of the SHA-256 of the token’s \`jti\`, of its \`sub\`, of
the bot’s name or of the token’s \`iss\`. All these tokens are revoked for good; with \`issuedBefore\`, only those issued before that time are. A token
without \`iat\` counts as older than any time.`;

/** Handles the commands by which admins manage the keys of people: admins and auditors. */
@ApiTags('keys')
@Controller('keys')
export class KeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly roles: OperatorKeyRoles,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Make a key for an admin or an auditor; it is shown this once' })
  @JsonBody(object({ role }, { expiresAt: instant }), { role: 'auditor' })
  @JsonAnswer(201, 'The key.', object({ role, keyId: text(), key: text() }, { expiresAt: instant }), {
    role: 'auditor',
    keyId: 'abcd2345',
    key: 'vb_auditor.abcd2345.…',
  })
  @CommandProblems()
  async issue(
    @Body(new RequestPipe(IssueOperatorKeyRequest)) asked: Checked<IssueOperatorKeyRequest>,
    @CurrentCaller() caller: Caller,
  ): Promise<object> {
    const expiry = expiryOf(asked, Date.now());
    const { key, keyId, hash } = issueKey({ role: asked.role });
    await this.commands.execute(
      new ChangeDirectoryCommand(
        { type: 'IssueOperatorKey', role: asked.role, keyId, hash, ...expiry },
        actorOf(caller),
      ),
    );
    return { role: asked.role, keyId, key, ...expiry };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Revoke a key of an admin or auditor; what it has open is closed within a second',
    description: REVOKING,
  })
  @ApiParam({ name: 'id', schema: { type: 'string', example: 'abcd2345' } })
  @QueryParameter(
    'force',
    oneWordOf('true', 'false'),
    'Revoke even the last admin key that is valid.',
    'false',
  )
  @QueryParameter(
    'issuedBefore',
    instant,
    'Revoke only tokens that were issued (`iat`) before this time. It must not be in the future.',
    '2026-11-29T12:00:00Z',
  )
  @ApiNoContentResponse()
  @CommandProblems(
    ['unknown_key', 'There is no key "abcd2345" of an admin or auditor'],
    ['last_admin_key', 'No other admin key is valid: make one first, or pass force=true'],
  )
  async revoke(
    @Param('id') keyId: string,
    @Query() raw: Record<string, unknown>,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    const asked = parseQuery(RevokeOperatorKeyQuery, raw);
    const at = Date.now();
    const bounds = issuedBeforeOf(keyId, asked, at);
    const force = asked.force === 'true' ? { force: true } : {};
    for (const of of await this.roles.rolesOf(keyId)) {
      const change = { type: 'RevokeOperatorKey', role: of, keyId, at, ...force, ...bounds } as const;
      await this.commands.execute(new ChangeDirectoryCommand(change, actorOf(caller)));
    }
  }
}
