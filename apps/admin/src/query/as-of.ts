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

/**
 * Returns the memberships that there were, as SQL: of each bot's last changes by then those that are beginnings. The
 * place's value must be the first parameter.
 */
export const membersBy = ({ wasThere }: AsOf, which: string): string =>
  `SELECT * FROM (
     SELECT DISTINCT ON (change.channel, change.bot) change.channel, change.bot, change.at, change.from_seq
     FROM membership_changes AS change WHERE ${which} AND ${wasThere('$1', 'change.position', 'change.at')}
     ORDER BY change.channel, change.bot, change.revision DESC
   ) AS newest WHERE from_seq IS NOT NULL`;
