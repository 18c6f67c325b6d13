import type { Transaction } from '../postgres/transaction.js';
import type { Build } from '../builds/build.js';
import { tablesOf } from '../builds/build-tables.js';
import type { TableShape } from '../builds/table-shape.js';

/** Rows of a table in which two builds differ: how many there are, and the keys of the first ones. */
export type Difference = Readonly<{ table: string; rows: number; keys: readonly Record<string, unknown>[] }>;

const KEYS_NAMED = 10;

/**
 * Compares the tables of two builds that stand at the same position, in one snapshot. It first compares sums of hashes
 * over all rows, and looks for the rows only where the sums differ.
 */
export const compareBuilds = async (
  tx: Transaction,
  shapes: readonly TableShape[],
  one: Build,
  other: Build,
): Promise<Difference[]> => {
  const found: Difference[] = [];
  for (const shape of shapes) {
    const tables = [one, other].map(({ generation }) => tablesOf(generation)(shape.name)) as [string, string];
    const [left, right] = [await summary(tx, shape, tables[0]), await summary(tx, shape, tables[1])];
    if (left !== right) found.push(await difference(tx, shape, tables));
  }
  return found;
};

const comparedColumns = ({ columns, derived = [] }: TableShape): string[] =>
  Object.keys(columns).filter((column) => !derived.includes(column));

/** Returns the count and the sum of 64-bit hashes of all rows. The result does not depend on the order of the rows. */
const summary = async (tx: Transaction, shape: TableShape, table: string): Promise<string> => {
  const [sum] = await tx.rows<{ summary: string }>(
    `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(ROW(${comparedColumns(shape).join(', ')})::text, 0)), 0) AS summary
     FROM ${table} WHERE ${shape.comparable ?? 'true'}`,
  );
  return sum!.summary;
};

const difference = async (
  tx: Transaction,
  shape: TableShape,
  [one, other]: readonly [string, string],
): Promise<Difference> => {
  const rows = (table: string): string =>
    `SELECT ${shape.key.join(', ')}, ROW(${comparedColumns(shape).join(', ')})::text AS content
     FROM ${table} WHERE ${shape.comparable ?? 'true'}`;
  const key = shape.key.join(', ');
  const differing = await tx.rows<Record<string, unknown> & { rows: string }>(
    `SELECT ${key}, count(*) OVER () AS rows
     FROM (${rows(one)}) AS one FULL JOIN (${rows(other)}) AS other USING (${key})
     WHERE one.content IS DISTINCT FROM other.content ORDER BY ${key} LIMIT ${KEYS_NAMED}`,
  );
  const keys = differing.map((row) => Object.fromEntries(shape.key.map((column) => [column, row[column]])));
  return { table: shape.name, rows: Number(differing[0]?.rows ?? 0), keys };
};
