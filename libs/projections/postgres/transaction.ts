import type { QueryRunner } from 'typeorm';

/** A place to run SQL in: rows for what answers rows, a count for what changes some. */
export interface Transaction {
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** @returns how many rows the statement touched */
  run(sql: string, parameters?: readonly unknown[]): Promise<number>;
}

export const transactionOf = (runner: QueryRunner): Transaction => ({
  rows: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await runner.query(sql, [...parameters], true)).records as Row[],
  run: async (sql, parameters = []) => (await runner.query(sql, [...parameters], true)).affected ?? 0,
});
