/** The largest, rounded; NaN when there is nothing, for what was not measured meets no target. */
export const worst = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : Math.round(Math.max(...values));
