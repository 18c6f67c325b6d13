import { IsName, IsShortText, Optional } from '#libs/protocol/validation/rules.js';
import { ListQuery } from '../query/list.query.js';
import {
  IsInstant,
  IsNotBefore,
  IsPositionOrInstant,
  isPosition,
} from '#libs/protocol/validation/query-rules.js';

/** Longer words than PostgreSQL can look for would be an error; this many characters can't make one. */
export const SEARCH_CHARACTERS = 500;

/** `GET /v1/messages` */
export class ListMessagesQuery extends ListQuery {
  @Optional()
  @IsName()
  channel?: string;

  @Optional()
  @IsName()
  bot?: string;

  @Optional()
  @IsShortText(SEARCH_CHARACTERS)
  q?: string;

  /** Inclusive. */
  @Optional()
  @IsInstant()
  from?: string;

  /** Exclusive. */
  @Optional()
  @IsInstant()
  @IsNotBefore('from')
  to?: string;

  /** A position or a time. */
  @Optional()
  @IsPositionOrInstant()
  asOf?: string;
}

/** An answer as of a position can't be given before that position is reached. */
export const positionNeeded = ({ minPosition, asOf }: ListMessagesQuery): bigint | undefined => {
  const needed = [minPosition, isPosition(asOf) ? asOf : undefined]
    .filter((each) => each !== undefined)
    .map(BigInt);
  return needed.length === 0 ? undefined : needed.reduce((a, b) => (a > b ? a : b));
};
