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

/** `post`, and the body of `POST /v1/messages`. */
export class PostRequest {
  /** Chosen by the bot; the same id again is the same message. UUIDv7 is best. */
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

  /** Id of the message this one answers. */
  @Optional()
  @IsMessageId()
  replyTo?: string;

  @Optional()
  @IsShortText(128)
  correlationId?: string;
}
