import { IsIn } from 'class-validator';
import { INTERVALS, type Interval } from '#libs/projections/activity/activity.table.js';
import { IsInstant, IsPosition } from '#libs/protocol/validation/query-rules.js';
import { IsName, Optional } from '#libs/protocol/validation/rules.js';

/** `GET /v1/stats` */
export class GetStatsQuery {
  @Optional()
  @IsName()
  channel?: string;

  @Optional()
  @IsName()
  bot?: string;

  @Optional()
  @IsIn(INTERVALS, { message: `Field "interval" must be one of ${INTERVALS.join(', ')}` })
  interval?: Interval;

  /** Inclusive, from the beginning of the interval it lies in. */
  @Optional()
  @IsInstant()
  from?: string;

  /** Exclusive. */
  @Optional()
  @IsInstant()
  to?: string;

  @Optional()
  @IsPosition()
  minPosition?: string;
}
