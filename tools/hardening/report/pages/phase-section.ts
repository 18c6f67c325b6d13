import type { PhaseReport, Plot, Row, Table } from '../hardening-report.js';
import { figuresOf } from '../plot/describe-plot.js';
import { plotSvg } from '../plot/plot-svg.js';
import { VERDICTS } from '../summary.js';
import { duration, figure } from '../text/figures.js';
import { markup } from '../text/markup.js';
import type { Markup } from '../text/markup.js';
import { momentOf } from './names.js';

export const sectionId = (index: number): string => `phase-${index + 1}`;

export const rowId = ({ id }: Row): string => `row-${id.replace(/[^A-Za-z0-9._-]+/g, '-')}`;

/** Renders one phase: what was done, the measured values with their targets, plots and tables. */
export const phaseSection = (phase: PhaseReport, index: number): Markup => {
  const id = sectionId(index);
  const { did, rows, plots = [], tables = [] } = phase;
  return markup`<section aria-labelledby="${id}"><h2 id="${id}"><bdi>${phase.title}</bdi></h2>
<p class="soft">From ${momentOf(phase.startedAt)}, ${duration(phase.seconds)}.</p>
${did.length === 0 ? undefined : markup`<ul class="did">${did.map((sentence) => markup`<li><bdi>${sentence}</bdi></li>`)}</ul>`}
${rows.length === 0 ? undefined : rowTable(rows, phase.title)}
${plots.length === 0 ? undefined : markup`<div class="plots">${plots.map((plot, place) => plotFigure(plot, `${id}-plot-${place + 1}`))}</div>`}
${tables.map((table, place) => tableFigure(table, `${id}-table-${place + 1}`))}
</section>
`;
};

/**
 * Renders the rows as a table. On a narrow screen each row becomes a card with its headers next to the cells. The roles are
 * explicit, because browsers do not expose a table to screen readers once it is not laid out as one.
 */
const rowTable = (rows: readonly Row[], title: string): Markup => {
  const compares = rows.some(({ predecessor }) => predecessor !== undefined);
  const names = ['what', 'measured', 'target', ...(compares ? ['predecessor'] : []), 'verdict'];
  return markup`<table class="rows" role="table" aria-label="Targets: ${title}"><thead role="rowgroup"><tr role="row">${names.map((name) => markup`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead><tbody role="rowgroup">${rows.map((row) => rowOf(row, compares))}</tbody></table>`;
};

const rowOf = (row: Row, compares: boolean): Markup => {
  const { sign, words } = VERDICTS[row.verdict];
  const look = row.verdict.replace(' ', '-');
  const claimed = row.predecessor === undefined ? undefined : `[${row.predecessor}]`;
  const why = row.why === undefined ? undefined : markup`<span class="why"><bdi>${row.why}</bdi></span>`;
  return markup`<tr role="row" class="${look}" id="${rowId(row)}"><th role="rowheader" scope="row"><bdi>${row.what}</bdi>${why}</th>${cell('measured', row.measured)}${cell('target', row.target)}${compares ? cell('predecessor', claimed) : undefined}<td role="cell" class="word"><span class="badge ${look}"><span aria-hidden="true">${sign}</span> ${words}</span></td></tr>`;
};

const cell = (name: string, text: string | undefined): Markup =>
  text === undefined
    ? markup`<td role="cell" class="empty"></td>`
    : markup`<td role="cell" class="${name}" data-name="${name}"><bdi>${text}</bdi></td>`;

/** Draws a plot twice, once for narrow screens, because text in a shrunken picture can't be read. */
const plotFigure = (plot: Plot, id: string): Markup =>
  markup`<figure><figcaption><bdi>${plot.title}</bdi></figcaption><div class="wide">${plotSvg(plot, `${id}-wide`, { width: 520, height: 250 })}</div><div class="narrow">${plotSvg(plot, `${id}-narrow`, { width: 320, height: 230 })}</div><details><summary>Figures</summary><div class="scroll" tabindex="0" role="region" aria-label="Figures: ${plot.title}"><table><thead><tr><th scope="col">${plot.unit}</th><th scope="col">first</th><th scope="col">lowest</th><th scope="col">highest</th><th scope="col">last</th><th scope="col">points</th><th scope="col">gaps</th></tr></thead><tbody>${plot.series.map(
    (series) => {
      const { first, lowest, highest, last, measured, gaps } = figuresOf(series);
      return markup`<tr><th scope="row"><bdi>${series.name}</bdi></th>${[first, lowest, highest, last, measured, gaps].map((value) => markup`<td>${figure(value)}</td>`)}</tr>`;
    },
  )}</tbody></table></div></details></figure>`;

const tableFigure = ({ title, columns, rows, note }: Table, id: string): Markup =>
  markup`<h3 id="${id}"><bdi>${title}</bdi></h3><div class="scroll" tabindex="0" role="region" aria-labelledby="${id}"><table><thead><tr>${columns.map((column) => markup`<th scope="col"><bdi>${column}</bdi></th>`)}</tr></thead><tbody>${rows.map(
    ([first, ...others]) =>
      markup`<tr><th scope="row"><bdi>${first}</bdi></th>${others.map((text) => markup`<td><bdi>${text}</bdi></td>`)}</tr>`,
  )}</tbody></table></div>${note === undefined ? undefined : markup`<p class="soft"><bdi>${note}</bdi></p>`}`;
