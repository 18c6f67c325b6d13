import type pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { copyIn } from './copy-in.js';

/** Runs SQL in a transaction: `rows` for a query, `run` for a change. */
export interface Transaction {
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** @returns the number of rows that the statement affected */
  run(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Adds rows, formatted by `copyLine`, to a table. This is the fastest way, but it can't handle conflicts. */
  copy(table: string, columns: readonly string[], lines: Buffer): Promise<void>;
}

export const transactionOf = (runner: QueryRunner): Transaction => ({
  rows: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await runner.query(sql, [...parameters], true)).records as Row[],
  run: async (sql, parameters = []) => (await runner.query(sql, [...parameters], true)).affected ?? 0,
  copy: async (table, columns, lines) =>
    copyIn((await runner.connect()) as pg.ClientBase, table, columns, lines),
});
