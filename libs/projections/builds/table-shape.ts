import type { Transaction } from '../postgres/transaction.js';
import { tablesOf } from './build-tables.js';

/**
 * The shape of a table in each generation, and of the view over the active one. A new version keeps the columns that
 * readers of the previous version query, because such readers may still be running.
 */
export type TableShape = Readonly<{
  /** Also the name of the view. */
  name: string;
  /** Type and constraints of each column, in order. */
  columns: Readonly<Record<string, string>>;
  key: readonly string[];
  /** Indexes that `apply` needs, by the suffix of their names. */
  indexes?: Readonly<Record<string, string>>;
  /**
   * Indexes that only queries need. A rebuild creates them once it has caught up, several times faster than row by row.
   */
  queryIndexes?: Readonly<Record<string, string>>;
  /** Columns that are computed from the others. Comparisons leave them out. */
  derived?: readonly string[];
  /** SQL condition for the rows that a later build must have as well. Default: all rows. */
  comparable?: string;
}>;

/** Creates the tables of a generation, without any index except those of their keys. */
export const createTables = async (
  tx: Transaction,
  shapes: readonly TableShape[],
  generation: number,
): Promise<void> => {
  for (const shape of shapes) {
    const table = tablesOf(generation)(shape.name);
    const columns = Object.entries(shape.columns).map(([column, type]) => `${column} ${type}`);
    await tx.run(`CREATE TABLE ${table} (${columns.join(', ')}, PRIMARY KEY (${shape.key.join(', ')}))`);
  }
};

/** Memory for sorting while an index is created (`maintenance_work_mem`). */
export const INDEX_MEMORY = '128MB';

/** Creates the indexes that `apply` needs, unless they exist. */
export const createApplyIndexes = async (
  tx: Transaction,
  shapes: readonly TableShape[],
  generation: number,
): Promise<void> => {
  for (const { name, indexes } of shapes) await createIndexes(tx, tablesOf(generation)(name), indexes);
};

/** Creates the indexes that only queries need, unless they exist. */
export const createQueryIndexes = async (
  tx: Transaction,
  shapes: readonly TableShape[],
  generation: number,
): Promise<void> => {
  for (const { name, queryIndexes } of shapes) {
    await createIndexes(tx, tablesOf(generation)(name), queryIndexes);
  }
};

/** Points the views to a generation. Holds their exclusive locks until the transaction ends. */
export const createViews = async (
  tx: Transaction,
  shapes: readonly TableShape[],
  generation: number,
): Promise<void> => {
  for (const { name, columns } of shapes) {
    await tx.run(`DROP VIEW IF EXISTS ${name}`);
    await tx.run(
      `CREATE VIEW ${name} AS SELECT ${Object.keys(columns).join(', ')} FROM ${tablesOf(generation)(name)}`,
    );
  }
};

/** Drops the tables of a generation, and with them any view that an older version left over one of them. */
export const dropTables = async (
  tx: Transaction,
  names: readonly string[],
  generation: number,
): Promise<void> => {
  for (const name of names) await tx.run(`DROP TABLE IF EXISTS ${tablesOf(generation)(name)} CASCADE`);
};

const createIndexes = async (
  tx: Transaction,
  table: string,
  indexes: TableShape['indexes'] = {},
): Promise<void> => {
  for (const [suffix, definition] of Object.entries(indexes)) {
    await tx.run(`CREATE INDEX IF NOT EXISTS ${table}_${suffix} ON ${table} ${definition}`);
  }
};
