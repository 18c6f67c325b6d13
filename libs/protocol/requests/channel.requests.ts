import { LIMITS } from '../limits.js';
import { IsCount, IsName, IsSeq, Optional } from '../validation/rules.js';
import { ValidateBy } from 'class-validator';

const IsJoinFrom = (): PropertyDecorator =>
  ValidateBy({
    name: 'isJoinFrom',
    validator: {
      validate: (value) =>
        value === 'now' || value === 'start' || (Number.isSafeInteger(value) && (value as number) >= -1),
      defaultMessage: () => 'Field "from" must be "now", "start" or the last seq seen',
    },
  });

/** `join` */
export class JoinRequest {
  @IsName()
  channel: string;

  /** Where delivery starts: `"now"` (default), `"start"`, or the last seq seen. */
  @Optional()
  @IsJoinFrom()
  from?: 'now' | 'start' | number;
}

/** `leave` */
export class LeaveRequest {
  @IsName()
  channel: string;
}

/** `who` */
export class WhoRequest {
  @IsName()
  channel: string;
}

/**
 * `history`: asks for the messages before or after a seq, both exclusive, or for the newest ones without
 * either.
 */
export class HistoryRequest {
  @IsName()
  channel: string;

  @Optional()
  @IsSeq(0)
  before?: number;

  @Optional()
  @IsSeq(-1)
  after?: number;

  @Optional()
  @IsCount(LIMITS.historyMessages)
  limit?: number;
}
