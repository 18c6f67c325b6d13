import type { Plot } from '../hardening-report.js';
import { clock, figure } from '../text/figures.js';
import { axisOfNumbers, axisOfTime, axisOfValues } from './axis.js';
import type { Axis } from './axis.js';
import { widthOf } from './text-width.js';

/** The layout of a plot, in pixels. */
export type Frame = Readonly<{
  left: number;
  right: number;
  top: number;
  bottom: number;
  xAxis: Axis;
  yAxis: Axis;
  /** Whether the limit is so far above all values that they would be squeezed flat; it is then written at the edge. */
  isLimitBeyond: boolean;
  /** The position of each mark's number, in the order of the plot's marks. */
  badges: readonly Readonly<{ x: number; y: number }>[];
  x(value: number): number;
  y(value: number): number;
}>;

/** A limit is drawn to scale if it is at most this many times the highest value. */
const SQUEEZE = 4;
const BADGE = 16;

/** Lays out a plot of this size, without its legend. */
export const frameOf = (plot: Plot, width: number, height: number): Frame => {
  const { xs, values } = extentOf(plot);
  const isLimitBeyond =
    plot.limit !== undefined && values.high > 0 && plot.limit.value > SQUEEZE * values.high;
  const high = isLimitBeyond ? values.high * 1.15 : Math.max(values.high, plot.limit?.value ?? values.high);
  const yAxis = axisOfValues(values.low, high, Math.floor(height / 42));
  const left = 10 + Math.max(...yAxis.ticks.map((tick) => widthOf(figure(tick))));
  const right = width - 20;
  const xAxis = (plot.along === undefined ? axisOfTime : axisOfNumbers)(xs.low, xs.high, (right - left) / 62);
  const x = (value: number): number => left + scaled(value, xAxis) * (right - left);
  const badges = placeBadges((plot.marks ?? []).map(({ at }) => x(at)));
  const top = 24 + Math.max(0, ...badges.map(({ y }) => y - BADGE / 2));
  const bottom = height - 40;
  const y = (value: number): number => bottom - scaled(value, yAxis) * (bottom - top);
  return { left, right, top, bottom, xAxis, yAxis, isLimitBeyond, badges, x, y };
};

export const tickOf = ({ along }: Plot, value: number): string =>
  along === undefined ? clock(value) : figure(value);

const scaled = (value: number, { from, to }: Axis): number => (value - from) / (to - from);

type Extent = Readonly<{ low: number; high: number }>;

/** Returns the extent of all measured values. Marks count along x, so that a fault before the first point is visible. */
const extentOf = ({ series, marks = [] }: Plot): Readonly<{ xs: Extent; values: Extent }> => {
  const xs = new Reach();
  const values = new Reach();
  for (const { at } of marks) xs.include(at);
  for (const { points } of series)
    for (const [at, value] of points) {
      xs.include(at);
      values.include(value);
    }
  return { xs: xs.extent(), values: values.extent() };
};

class Reach {
  private low = Infinity;
  private high = -Infinity;

  include(value: number): void {
    if (!Number.isFinite(value)) return;
    this.low = Math.min(this.low, value);
    this.high = Math.max(this.high, value);
  }

  /** Returns 0 to 0 if nothing was included. */
  extent(): Extent {
    return this.high === -Infinity ? { low: 0, high: 0 } : { low: this.low, high: this.high };
  }
}

/** Places the numbers of marks in up to three rows, so that they do not overlap. */
const placeBadges = (xs: readonly number[]): { x: number; y: number }[] => {
  const ends: number[] = [-Infinity, -Infinity, -Infinity];
  return xs.map((x) => {
    const free = ends.findIndex((end) => end + BADGE < x);
    const row = free === -1 ? ends.indexOf(Math.min(...ends)) : free;
    ends[row] = x;
    return { x, y: BADGE / 2 + 1 + row * BADGE };
  });
};
