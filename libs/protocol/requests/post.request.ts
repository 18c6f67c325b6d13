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

/** The payload of `post`, and the body of `POST /v1/messages`. */
export class PostRequest {
  /** Chosen by the bot. The same id again means the same message. A UUIDv7 is best. */
  @IsMessageId()
  id: string;

  @IsName()
  channel: string;

  @IsText()
  @IsNotBlank()
  @FitsMessageLimit()
  body: string;

  @Optional()
  @IsJson()
  data?: Json;

  /** Id of the message that this one answers. */
  @Optional()
  @IsMessageId()
  replyTo?: string;

  @Optional()
  @IsShortText(128)
  correlationId?: string;
}
