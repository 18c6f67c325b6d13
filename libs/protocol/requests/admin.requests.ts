import { IsIn } from 'class-validator';
import type { OperatorRole } from '#libs/domain/access/access.events.js';
import type { Visibility } from '#libs/domain/channel/channel.events.js';
import { IsInstant } from '../validation/query-rules.js';
import { IsName, IsSeq, IsShortText, Optional } from '../validation/rules.js';

/** `POST /v1/bots` */
export class RegisterBotRequest {
  @IsName()
  name: string;

  @Optional()
  @IsInstant()
  expiresAt?: string;
}

/** `POST /v1/bots/:name/keys` */
export class IssueBotKeyRequest {
  @Optional()
  @IsInstant()
  expiresAt?: string;
}

/** `POST /v1/bots/:name/suspend` */
export class SuspendBotRequest {
  @Optional()
  @IsShortText(500)
  reason?: string;
}

/** `POST /v1/channels` */
export class OpenChannelRequest {
  @IsName()
  channel: string;

  @Optional()
  @IsIn(['public', 'private'], { message: 'Field "visibility" must be "public" or "private"' })
  visibility?: Visibility;
}

/** `POST /v1/keys` */
export class IssueOperatorKeyRequest {
  @IsIn(['admin', 'auditor'], { message: 'Field "role" must be "admin" or "auditor"' })
  role: OperatorRole;

  @Optional()
  @IsInstant()
  expiresAt?: string;
}

/** `DELETE /v1/keys/:id` */
export class RevokeOperatorKeyQuery {
  @Optional()
  @IsIn(['true', 'false'], { message: 'Field "force" must be true or false' })
  force?: 'true' | 'false';

  @Optional()
  @IsInstant()
  issuedBefore?: string;
}

/** The longest stream name that any store accepts, in characters. */
const STREAM_LENGTH = 0xffff;

/** `POST /v1/damaged` */
export class SetEventAsideRequest {
  @IsShortText(STREAM_LENGTH)
  stream: string;

  @IsSeq(0)
  revision: number;

  @IsShortText(500)
  reason: string;
}
