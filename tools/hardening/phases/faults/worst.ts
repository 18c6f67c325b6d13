/** Returns the largest value, rounded. NaN if there are none, because what was not measured meets no target. */
export const worst = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : Math.round(Math.max(...values));
