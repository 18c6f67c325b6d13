import { LIMITS } from '#libs/protocol/limits.js';
import { IsCount, IsShortText, Optional } from '#libs/protocol/validation/rules.js';
import { IsPosition, IsPositionOrInstant, isPosition } from '#libs/protocol/validation/query-rules.js';

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

/** The parameters of a list that can be shown as it was. */
export class ListAsOfQuery extends ListQuery {
  /** A position or a time. */
  @Optional()
  @IsPositionOrInstant()
  asOf?: string;
}

/** The parameters of a query for one item that can be shown as it was. */
export class ItemAsOfQuery extends ItemQuery {
  @Optional()
  @IsPositionOrInstant()
  asOf?: string;
}

/**
 * Returns the position that the read model must have reached: an answer as of a position needs that position.
 */
export const positionNeeded = ({
  minPosition,
  asOf,
}: Readonly<{ minPosition?: string; asOf?: string }>): bigint | undefined => {
  const needed = [minPosition, isPosition(asOf) ? asOf : undefined]
    .filter((each) => each !== undefined)
    .map(BigInt);
  return needed.length === 0 ? undefined : needed.reduce((a, b) => (a > b ? a : b));
};

export const minPositionOf = ({ minPosition }: { minPosition?: string }): bigint | undefined =>
  minPosition === undefined ? undefined : BigInt(minPosition);

/** Returns a key for a query, whatever position it waits for. Equal keys mean equal queries. */
export const questionOf = (what: string, query: object): string => {
  const asked = Object.entries(query).filter(
    ([field, value]) => field !== 'minPosition' && value !== undefined,
  );
  return `${what} ${JSON.stringify(asked.toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
};
