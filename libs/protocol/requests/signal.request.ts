import type { Json } from '#libs/domain/json.js';
import { FitsMessageLimit, IsJson, IsName, IsShortText, Optional } from '../validation/rules.js';

/** `signal` */
export class SignalRequest {
  @IsName()
  channel: string;

  /** What it is about, like `typing`. */
  @IsShortText(64)
  type: string;

  @Optional()
  @IsJson()
  @FitsMessageLimit()
  data?: Json;
}
