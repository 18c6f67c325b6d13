import type { Point } from '../hardening-report.js';

/**
 * Reduces points to fewer that look the same. It divides x into equal stretches, and keeps of each the first, lowest,
 * highest and last value in their order, and one gap (NaN) if there is any. So the lowest and highest of all are kept.
 * Points must be in the order of x.
 * @returns at most five points a stretch; the same points when there are not more than that
 */
export const thin = (points: readonly Point[], stretches: number): readonly Point[] => {
  const first = points[0];
  if (first === undefined || points.length <= 5 * stretches) return points;
  const width = (points.at(-1)![0] - first[0]) / stretches;
  const kept: Point[] = [];
  let stretch: Point[] = [];
  let index = 0;
  for (const point of points) {
    const its = Math.min(stretches - 1, Math.floor((point[0] - first[0]) / width) || 0);
    if (its !== index) kept.push(...outline(stretch.splice(0)));
    index = its;
    stretch.push(point);
  }
  return [...kept, ...outline(stretch)];
};

/** Returns the points of one stretch that are kept. */
const outline = (points: readonly Point[]): Point[] => {
  const measured = points.filter(([, value]) => Number.isFinite(value));
  const kept = new Set([measured[0], measured.at(-1)]);
  kept.add(
    measured.reduce<Point | undefined>((low, point) => (low && low[1] <= point[1] ? low : point), undefined),
  );
  kept.add(
    measured.reduce<Point | undefined>(
      (high, point) => (high && high[1] >= point[1] ? high : point),
      undefined,
    ),
  );
  kept.add(points.find(([, value]) => !Number.isFinite(value)));
  return points.filter((point) => kept.has(point));
};
