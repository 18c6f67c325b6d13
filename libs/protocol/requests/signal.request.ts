import type { Json } from '#libs/domain/json.js';
import { FitsMessageLimit, IsJson, IsName, IsShortText, Optional } from '../validation/rules.js';

/** `signal` */
export class SignalRequest {
  @IsName()
  channel: string;

  /** The kind of signal, such as `typing`. */
  @IsShortText(64)
  type: string;

  @Optional()
  @IsJson()
  @FitsMessageLimit()
  data?: Json;
}
