/** Maps column names to PostgreSQL types, in the order of the insert. */
export type ColumnTypes<Row> = Readonly<Record<keyof Row & string, string>>;

/**
 * Passes many rows as one array per column, so that a batch is one statement with a handful of parameters, however many
 * rows it has: `SELECT … FROM unnest($1::text[], …) AS given(…)`.
 */
export const unnest = <Row extends object>(
  types: ColumnTypes<Row>,
  rows: readonly Row[],
): { columns: string; given: string; parameters: unknown[][] } => {
  const names = Object.keys(types) as (keyof Row & string)[];
  const arrays = names.map((name, index) => `$${index + 1}::${types[name]}[]`);
  const columns = names.join(', ');
  return {
    columns,
    given: `unnest(${arrays.join(', ')}) AS given(${columns})`,
    parameters: names.map((name) => rows.map((row) => row[name])),
  };
};
