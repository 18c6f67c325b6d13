import type pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { copyIn } from './copy-in.js';

/** A place to run SQL in: rows for what answers rows, a count for what changes some. */
export interface Transaction {
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** @returns how many rows the statement touched */
  run(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Adds rows, as `copyLine` makes them, to a table: the quickest way there is, and one that knows no conflicts. */
  copy(table: string, columns: readonly string[], lines: Buffer): Promise<void>;
}

export const transactionOf = (runner: QueryRunner): Transaction => ({
  rows: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await runner.query(sql, [...parameters], true)).records as Row[],
  run: async (sql, parameters = []) => (await runner.query(sql, [...parameters], true)).affected ?? 0,
  copy: async (table, columns, lines) =>
    copyIn((await runner.connect()) as pg.ClientBase, table, columns, lines),
});
