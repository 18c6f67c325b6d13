import type { Plot } from '../hardening-report.js';
import { figure } from '../text/figures.js';
import { markup } from '../text/markup.js';
import type { Markup } from '../text/markup.js';
import { describePlot } from './describe-plot.js';
import { frameOf, tickOf } from './plot-frame.js';
import type { Frame } from './plot-frame.js';
import { badge, legendOf } from './plot-legend.js';
import { lineOf, pixel } from './plot-lines.js';
import { PLOT_STYLE } from './plot-style.js';
import { fitted } from './text-width.js';

type Size = Readonly<{ width: number; height: number }>;

/** Draws a plot for a page that has {@link PLOT_STYLE} and shows the title itself. `id` must be unique in that page. */
export const plotSvg = (plot: Plot, id: string, { width, height }: Size): Markup => {
  const { drawn, height: whole } = drawPlot(plot, { width, height });
  return markup`<svg class="vp" role="img" viewBox="0 0 ${width} ${whole}" width="${width}" height="${whole}" aria-labelledby="${id}-title" aria-describedby="${id}-desc"><title id="${id}-title">${plot.title}</title><desc id="${id}-desc">${describePlot(plot)}</desc>${drawn}</svg>`;
};

/** Draws a plot as a separate file, with its title, its background, and colours for light and dark. */
export const plotFile = (plot: Plot, { width, height }: Size = { width: 720, height: 300 }): string => {
  const { drawn, height: plotHeight } = drawPlot(plot, { width: width - 32, height });
  const whole = plotHeight + 56;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="vp" role="img" viewBox="0 0 ${width} ${whole}" width="${width}" height="${whole}" aria-labelledby="title" aria-describedby="desc"><title id="title">${plot.title}</title><desc id="desc">${describePlot(plot)}</desc><style>${PLOT_STYLE}</style><rect class="vp-back" width="${width}" height="${whole}" rx="8"/><text class="vp-title" x="16" y="26">${fitted(plot.title, width - 80)}</text><g transform="translate(16 40)">${drawn}</g></svg>
`.source;
};

const drawPlot = (plot: Plot, { width, height }: Size): Readonly<{ drawn: Markup; height: number }> => {
  const frame = frameOf(plot, width, height);
  const legend = legendOf(plot, width, height + 2);
  const isEmpty = plot.series.every(({ points }) => !points.some(([, value]) => Number.isFinite(value)));
  const drawn = markup`${grid(plot, frame)}${marks(frame)}${plot.series.map((series, index) => lineOf(series, index, frame))}${limit(plot, frame)}${isEmpty ? nothing(frame) : undefined}${legend.drawn}`;
  return { drawn, height: height + legend.height + 6 };
};

/** Draws both axes: grid lines, numbers and units. */
const grid = (plot: Plot, { left, right, top, bottom, xAxis, yAxis, x, y }: Frame): Markup => {
  const rows = yAxis.ticks.map(
    (tick) =>
      markup`<path class="${tick === 0 ? 'vp-zero' : 'vp-grid'}" d="M${left} ${pixel(y(tick))}H${right}"/><text class="vp-tick vp-end" x="${left - 6}" y="${pixel(y(tick) + 4)}">${figure(tick)}</text>`,
  );
  const columns = xAxis.ticks.map(
    (tick) =>
      markup`<path class="vp-grid" d="M${pixel(x(tick))} ${bottom}v4"/><text class="vp-tick vp-middle" x="${pixel(x(tick))}" y="${bottom + 17}">${tickOf(plot, tick)}</text>`,
  );
  const along = fitted(plot.along ?? 'since the load began, min:s', right - left);
  return markup`${rows}${columns}<text class="vp-tick" x="0" y="${top - 10}">${plot.unit}</text><text class="vp-tick vp-end" x="${right}" y="${bottom + 33}">${along}</text>`;
};

const marks = ({ badges, bottom }: Frame): Markup =>
  markup`${badges.map(
    ({ x, y }, index) =>
      markup`<path class="vp-mark" d="M${pixel(x)} ${y}V${bottom}"/>${badge(index + 1, pixel(x), y)}`,
  )}`;

/** Draws the target as a line, or as words at the upper edge when it is far beyond the scale. */
const limit = (
  { limit: target }: Plot,
  { left, right, top, y, isLimitBeyond }: Frame,
): Markup | undefined => {
  if (target === undefined) return undefined;
  const text = fitted(
    isLimitBeyond ? `↑ ${target.label}, beyond this scale` : target.label,
    right - left - 8,
  );
  const at = isLimitBeyond ? top : pixel(y(target.value));
  const line = isLimitBeyond ? undefined : markup`<path class="vp-limit" d="M${left} ${at}H${right}"/>`;
  return markup`${line}<text class="vp-limit-text vp-end" x="${right - 4}" y="${at - top < 16 ? at + 13 : at - 5}">${text}</text>`;
};

const nothing = ({ left, right, top, bottom }: Frame): Markup =>
  markup`<text class="vp-tick vp-middle" x="${(left + right) / 2}" y="${(top + bottom) / 2}">nothing was measured</text>`;
