/** What JSON strings can hold and PostgreSQL's text can't: U+0000 and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const EVERY_UNSTORABLE = /[\0\p{Cs}]/gu;

/** The text with what PostgreSQL can't hold replaced by U+FFFD: to search by, not to give back. */
export const storableText = (text: string): string =>
  UNSTORABLE.test(text) ? text.replace(EVERY_UNSTORABLE, '\uFFFD') : text;

/**
 * The fields whose text {@link storableText} would change, as JSON (which escapes all of it), else null. Stored beside
 * the row in its `exact` column, and laid over the row by {@link restoreExact}: what goes in comes out, unit by unit.
 */
export const exactText = (fields: Readonly<Record<string, string | undefined>>): string | null => {
  let changed: Record<string, string> | undefined;
  for (const name in fields) {
    const text = fields[name];
    if (text !== undefined && UNSTORABLE.test(text)) (changed ??= {})[name] = text;
  }
  return changed === undefined ? null : JSON.stringify(changed);
};

/** The row with its texts as they were before storing. */
export const restoreExact = <Row extends object>(row: Row, exact: string | null): Row =>
  exact === null ? row : { ...row, ...(JSON.parse(exact) as Partial<Row>) };
