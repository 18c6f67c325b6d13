/** Matches what JSON strings can hold and PostgreSQL's text can't: U+0000 and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const EVERY_UNSTORABLE = /[\0\p{Cs}]/gu;

/** Replaces what PostgreSQL can't hold by U+FFFD. The result is for searching, not for giving back. */
export const storableText = (text: string): string =>
  UNSTORABLE.test(text) ? text.replace(EVERY_UNSTORABLE, '\uFFFD') : text;

/**
 * Returns, as JSON (which escapes them), the fields whose text {@link storableText} would change, or null if there is
 * none. The value is stored in the row's `exact` column, and {@link restoreExact} puts it back over the row, so that
 * every text comes out as it went in, unit by unit.
 */
export const exactText = (fields: Readonly<Record<string, string | undefined>>): string | null => {
  let changed: Record<string, string> | undefined;
  for (const name in fields) {
    const text = fields[name];
    if (text !== undefined && UNSTORABLE.test(text)) (changed ??= {})[name] = text;
  }
  return changed === undefined ? null : JSON.stringify(changed);
};

/** Returns the row with its original texts. */
export const restoreExact = <Row extends object>(row: Row, exact: string | null): Row =>
  exact === null ? row : { ...row, ...(JSON.parse(exact) as Partial<Row>) };
