import type { Json } from '#libs/domain/json.js';
import {
  FitsMessageLimit,
  IsJson,
  IsMessageId,
  IsName,
  IsNotBlank,
  IsShortText,
  IsText,
  Optional,
} from '../validation/rules.js';

/** `edit` */
export class EditRequest {
  /** Chosen by the bot. It names this request, not the message that is edited. */
  @IsMessageId()
  id: string;

  @IsName()
  channel: string;

  /** Id of the original post. */
  @IsMessageId()
  target: string;

  @IsText()
  @IsNotBlank()
  @FitsMessageLimit()
  body: string;

  @Optional()
  @IsJson()
  data?: Json;
}

/** `redact` */
export class RedactRequest {
  /** Chosen by the bot. It names this request, not the message that is withdrawn. */
  @IsMessageId()
  id: string;

  @IsName()
  channel: string;

  /** Id of the original post. */
  @IsMessageId()
  target: string;

  @Optional()
  @IsShortText(500)
  reason?: string;
}
