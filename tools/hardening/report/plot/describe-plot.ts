import type { Plot, Series } from '../hardening-report.js';
import { figure } from '../text/figures.js';
import { tickOf } from './plot-frame.js';

/** The first, lowest, highest and last measured value, and the number of measured points and of gaps. */
export type SeriesFigures = Readonly<{
  first: number;
  lowest: number;
  highest: number;
  last: number;
  measured: number;
  gaps: number;
}>;

/** Returns the figures of a series. Each value is NaN when nothing was measured. */
export const figuresOf = ({ points }: Series): SeriesFigures => {
  const values = points.map(([, value]) => value).filter((value) => Number.isFinite(value));
  return {
    first: values[0] ?? Number.NaN,
    lowest: values.length === 0 ? Number.NaN : values.reduce((low, value) => Math.min(low, value)),
    highest: values.length === 0 ? Number.NaN : values.reduce((high, value) => Math.max(high, value)),
    last: values.at(-1) ?? Number.NaN,
    measured: values.length,
    gaps: points.length - values.length,
  };
};

/** Describes a plot in words, for people who can't see it. */
export const describePlot = (plot: Plot): string =>
  [
    ...plot.series.map((series) => describeSeries(series, plot.unit)),
    ...(plot.limit ? [`A line at ${figure(plot.limit.value)}: ${plot.limit.label}.`] : []),
    ...(plot.marks ?? []).map(({ at, label }) => `At ${tickOf(plot, at)}: ${label}.`),
  ].join(' ');

const describeSeries = (series: Series, unit: string): string => {
  const { first, lowest, highest, last, measured } = figuresOf(series);
  if (measured === 0) return `${series.name}: nothing was measured.`;
  return `${series.name}: first ${figure(first)}, lowest ${figure(lowest)}, highest ${figure(highest)}, last ${figure(last)} ${unit}.`;
};
