import { isPosition } from '#libs/protocol/validation/query-rules.js';

/** A place in the log, inclusive, as a condition of SQL. Columns must be names of ours, because they become SQL. */
export type AsOf = Readonly<{
  /** The value that the condition's parameter stands for. */
  value: string;
  /** Returns the condition that something at this position, recorded at this time, was there by then. */
  wasThere(parameter: string, positionColumn: string, timeColumn: string): string;
}>;

/** Returns the place of a position or a time, as {@link isPosition} and `isInstant` accept them. */
export const asOfPlace = (asOf: string): AsOf =>
  isPosition(asOf)
    ? { value: asOf, wasThere: (parameter, position) => `${position} <= ${parameter}::bigint` }
    : {
        value: new Date(asOf).toISOString(),
        wasThere: (parameter, _position, time) => `${time} <= ${parameter}::timestamptz`,
      };
