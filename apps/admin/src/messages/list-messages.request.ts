import { IsName, IsShortText, Optional } from '#libs/protocol/validation/rules.js';
import { ListQuery } from '../query/list.query.js';
import { IsInstant } from '#libs/protocol/validation/query-rules.js';

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
  to?: string;
}
