import { IsIn } from 'class-validator';
import { IsName, IsShortText, Optional } from '#libs/protocol/validation/rules.js';
import { ListQuery } from '../query/list.query.js';
import {
  IsInstant,
  IsNotBefore,
  IsPositionOrInstant,
  IsWith,
} from '#libs/protocol/validation/query-rules.js';

/**
 * The longest search text. PostgreSQL refuses longer words than it can index, and this many characters cannot
 * make one.
 */
export const SEARCH_CHARACTERS = 500;

/** `time`: newest first, the default. `relevance`: what matches the search best first. */
export const SORTS = ['time', 'relevance'] as const;
export type Sort = (typeof SORTS)[number];

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

  @Optional()
  @IsIn(SORTS, { message: `Field "sort" must be one of ${SORTS.join(', ')}` })
  @IsWith('q', 'relevance')
  sort?: Sort;

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
