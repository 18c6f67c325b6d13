import type { Plot } from '../hardening-report.js';
import { markup } from '../text/markup.js';
import type { Markup } from '../text/markup.js';
import { tickOf } from './plot-frame.js';
import { fitted, widthOf } from './text-width.js';

export type Legend = Readonly<{ height: number; drawn: Markup }>;

const LINE = 18;
const SIGN = 26;

/** Which line is which, and what happened at each mark, in as many lines as it takes. */
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

/** The number of a mark in its circle. */
export const badge = (number: number, x: number, y: number): Markup =>
  markup`<circle class="vp-badge" cx="${x}" cy="${y}" r="7.5"/><text class="vp-number" x="${x}" y="${y + 3.5}">${number}</text>`;

/** As many looks as there are, over again for more. */
export const lookOf = (index: number): string => `vp-s${(index % 6) + 1}`;

const sampleOf = (index: number): Markup =>
  markup`<path class="vp-line ${lookOf(index)}" d="M0 0H${SIGN - 6}"/>`;

/** From left to right, on to the next line where one does not fit or is to begin one. */
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
