import type { Plot } from '../hardening-report.js';
import { markup } from '../text/markup.js';
import type { Markup } from '../text/markup.js';
import { tickOf } from './plot-frame.js';
import { fitted, widthOf } from './text-width.js';

export type Legend = Readonly<{ height: number; drawn: Markup }>;

const LINE = 18;
const SIGN = 26;

/** Draws the legend: the name of each line and the label of each mark, on as many lines as needed. */
export const legendOf = (plot: Plot, width: number, top: number): Legend => {
  const items = [
    ...plot.series.map(({ name }, index) => ({ text: name, sign: sampleOf(index), isFirstMark: false })),
    ...(plot.marks ?? []).map(({ at, label }, index) => ({
      text: `${tickOf(plot, at)} ${label}`,
      sign: badge(index + 1, SIGN - 14, 0),
      isFirstMark: index === 0,
    })),
  ];
  const lines = flow(
    items.map(({ text, isFirstMark }) => ({ wide: SIGN + widthOf(text) + 14, isNewLine: isFirstMark })),
    width,
  );
  const drawn = items.map(({ text, sign }, index) => {
    const { x, line } = lines[index]!;
    const shown = fitted(text, width - SIGN);
    return markup`<g transform="translate(${x} ${top + line * LINE + LINE / 2})">${sign}<text x="${SIGN}" y="4">${shown}</text></g>`;
  });
  return { height: items.length === 0 ? 0 : (lines.at(-1)!.line + 1) * LINE, drawn: markup`${drawn}` };
};

/** Draws the number of a mark in a circle. */
export const badge = (number: number, x: number, y: number): Markup =>
  markup`<circle class="vp-badge" cx="${x}" cy="${y}" r="7.5"/><text class="vp-number" x="${x}" y="${y + 3.5}">${number}</text>`;

/** Returns the class for the style of a line. The six styles repeat. */
export const lookOf = (index: number): string => `vp-s${(index % 6) + 1}`;

const sampleOf = (index: number): Markup =>
  markup`<path class="vp-line ${lookOf(index)}" d="M0 0H${SIGN - 6}"/>`;

/** Places items from left to right. An item that does not fit, or must start a line, goes to the next line. */
const flow = (
  items: readonly Readonly<{ wide: number; isNewLine: boolean }>[],
  width: number,
): { x: number; line: number }[] => {
  let x = 0;
  let line = 0;
  return items.map(({ wide, isNewLine }) => {
    if (x > 0 && (isNewLine || x + wide > width)) {
      x = 0;
      line += 1;
    }
    const place = { x, line };
    x += wide;
    return place;
  });
};
