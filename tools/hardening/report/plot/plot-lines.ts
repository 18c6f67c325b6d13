import type { Point, Series } from '../hardening-report.js';
import { markup } from '../text/markup.js';
import type { Markup } from '../text/markup.js';
import type { Frame } from './plot-frame.js';
import { lookOf } from './plot-legend.js';
import { thin } from './thin.js';

/** Draws a series as a line, broken where nothing was measured. A single point between two gaps is a dot. */
export const lineOf = ({ points }: Series, index: number, frame: Frame): Markup => {
  const stretches = Math.max(1, Math.floor((frame.right - frame.left) / 3));
  const runs = runsOf(thin(points, stretches));
  const path = runs.filter((run) => run.length > 1).map((run) => pathOf(run, frame));
  const dots = runs.filter((run) => run.length === 1).map(([point]) => dotOf(point!, index, frame));
  const line =
    path.length === 0 ? undefined : markup`<path class="vp-line ${lookOf(index)}" d="${path.join('')}"/>`;
  return markup`${line}${dots}`;
};

/** Splits points into runs without gaps. */
const runsOf = (points: readonly Point[]): Point[][] => {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point[1])) runs.at(-1)!.push(point);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
};

const pathOf = (points: readonly Point[], { x, y }: Frame): string =>
  `M${points.map(([at, value]) => `${pixel(x(at))} ${pixel(y(value))}`).join('L')}`;

const dotOf = ([at, value]: Point, index: number, { x, y }: Frame): Markup =>
  markup`<circle class="vp-dot ${lookOf(index)}" cx="${pixel(x(at))}" cy="${pixel(y(value))}" r="3"/>`;

/** Rounds to a tenth of a pixel, which is finer than any screen and keeps the text short. */
export const pixel = (value: number): number => Number(value.toFixed(1));
