import type { Transaction } from '../postgres/transaction.js';
import { tablesOf } from './build-tables.js';

/**
 * A table as each generation makes it, and the view over the active one. Readers of the version before may still run:
 * a new version keeps the columns they ask for.
 */
export type TableShape = Readonly<{
  /** Also that of the view. */
  name: string;
  /** Type and constraints by column, in order. */
  columns: Readonly<Record<string, string>>;
  key: readonly string[];
  /** By suffix of their names: those `apply` needs. */
  indexes?: Readonly<Record<string, string>>;
  /** Those only queries need. A rebuild makes them when it has caught up, several times as fast as row by row. */
  queryIndexes?: Readonly<Record<string, string>>;
  /** Columns that follow from the others; comparisons leave them out. */
  derived?: readonly string[];
  /** SQL condition: the rows that a later build must have as well. Default: all. */
  comparable?: string;
}>;

/** Makes the tables of a generation with no index but that of their keys. */
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

/** For sorting while an index is made, `maintenance_work_mem`. */
export const INDEX_MEMORY = '128MB';

/** Makes the indexes that `apply` needs, as far as they are not there yet. */
export const createApplyIndexes = async (
  tx: Transaction,
  shapes: readonly TableShape[],
  generation: number,
): Promise<void> => {
  for (const { name, indexes } of shapes) await createIndexes(tx, tablesOf(generation)(name), indexes);
};

/** Makes those that are not there yet. */
export const createQueryIndexes = async (
  tx: Transaction,
  shapes: readonly TableShape[],
  generation: number,
): Promise<void> => {
  for (const { name, queryIndexes } of shapes) {
    await createIndexes(tx, tablesOf(generation)(name), queryIndexes);
  }
};

/** Points the views at a generation. Takes their exclusive locks until the transaction ends. */
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

/** Drops the tables of a generation; a view still over one of them, left by an older version, goes with it. */
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
