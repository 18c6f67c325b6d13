import { LIMITS } from '#libs/protocol/limits.js';
import { IsCount, IsShortText, Optional } from '#libs/protocol/validation/rules.js';
import { IsPosition } from '#libs/protocol/validation/query-rules.js';

/** The parameters of every list. */
export class ListQuery {
  @Optional()
  @IsShortText(300)
  cursor?: string;

  @Optional()
  @IsCount(LIMITS.listItems)
  limit?: number;

  @Optional()
  @IsPosition()
  minPosition?: string;
}

/** The parameters of a query for one item. */
export class ItemQuery {
  @Optional()
  @IsPosition()
  minPosition?: string;
}

export const minPositionOf = ({ minPosition }: { minPosition?: string }): bigint | undefined =>
  minPosition === undefined ? undefined : BigInt(minPosition);

/** Returns a key for a query, whatever position it waits for. Equal keys mean equal queries. */
export const questionOf = (what: string, query: object): string => {
  const asked = Object.entries(query).filter(
    ([field, value]) => field !== 'minPosition' && value !== undefined,
  );
  return `${what} ${JSON.stringify(asked.toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
};
