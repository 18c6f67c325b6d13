/** [time, value]. */
export type Point = readonly [number, number];

/** The change of values per unit of time, with the bounds of its 95 % confidence interval. */
export type Trend = Readonly<{ slope: number; low: number; high: number }>;

/** The two-sided 95 % quantile of the normal distribution. */
const Z = 1.96;

/**
 * Computes the Theil–Sen estimator: the median of the slopes between any two points. Single outliers, such as garbage in a
 * process's memory, do not move it. The bounds follow from Kendall's tau (P. K. Sen, 1968).
 * @returns NaN for fewer than three points
 */
export const trendOf = (points: readonly Point[]): Trend => {
  const count = points.length;
  if (count < 3) return { slope: Number.NaN, low: Number.NaN, high: Number.NaN };
  const slopes = points
    .flatMap(([t1, v1], index) => points.slice(index + 1).map(([t2, v2]) => (v2 - v1) / (t2 - t1)))
    .toSorted((one, other) => one - other);
  const spread = Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const rank = (position: number): number =>
    slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(position)))]!;
  return {
    slope: middle(slopes),
    low: rank((slopes.length - spread) / 2 - 1),
    high: rank((slopes.length + spread) / 2),
  };
};

/** Groups points into windows of this width. Each window becomes one point: the median of its values, at its middle. */
export const windowed = (points: readonly Point[], width: number): readonly Point[] => {
  const windows = new Map<number, number[]>();
  for (const [time, value] of points) {
    const window = Math.floor(time / width);
    windows.set(window, [...(windows.get(window) ?? []), value]);
  }
  return [...windows]
    .toSorted(([one], [other]) => one - other)
    .map(
      ([window, values]) =>
        [(window + 0.5) * width, middle(values.toSorted((one, other) => one - other))] as const,
    );
};

/** Returns the median of sorted values. */
export const middle = (sorted: readonly number[]): number => {
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};
