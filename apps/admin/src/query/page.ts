/** How many items an answer has when the caller does not say. */
export const DEFAULT_LIMIT = 50;

export type Page<Item> = Readonly<{ items: readonly Item[]; next?: string }>;

/**
 * Cuts a page out of the rows. The caller must have asked for `limit` + 1 rows: the extra one tells whether
 * there is a next page.
 */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (last: Row) => string,
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(toItem), ...(more ? { next: cursorOf(last) } : {}) };
};
