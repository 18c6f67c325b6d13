import { FIGURES } from '../figures/figure.js';
import { faultsOf, type Summaries, type Summary } from '../figures/summary.js';
import { HEADLINES, type Headline } from './headline.js';

const OURS = 'Verbatim';
const [COLUMNS, PANEL_WIDTH, LABEL_WIDTH, VALUE_WIDTH] = [2, 490, 230, 110];
const [TITLE_HEIGHT, BAR_HEIGHT, PANEL_GAP, MARGIN] = [44, 20, 18, 16];
const BAR_WIDTH = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH;
const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#1f2328}',
  '.title{font-weight:600;font-size:13px}',
  '.hint,.fault{fill:#59636e;font-size:11px}',
  '.fault{fill:#b42318}',
  '.bar{fill:#afb8c1}.ours{fill:#0969da}.bold{font-weight:600}',
  '.spread{stroke:#1f2328;stroke-width:1}',
].join('');

/**
 * Draws one panel of bars for each headline: a bar for each system, as long as the median, with a line from the lowest to
 * the highest run, and what was lost beside it.
 */
export const drawChart = (summaries: Summaries): string => {
  const panels = HEADLINES.filter(({ workload }) => summaries[workload] !== undefined);
  const systems = Math.max(0, ...panels.map(({ workload }) => Object.keys(summaries[workload]!).length));
  const panelHeight = TITLE_HEIGHT + systems * BAR_HEIGHT + PANEL_GAP;
  const width = COLUMNS * PANEL_WIDTH + 2 * MARGIN;
  const height = Math.ceil(panels.length / COLUMNS) * panelHeight + 2 * MARGIN;
  const drawn = panels.map((headline, place) => {
    const x = MARGIN + (place % COLUMNS) * PANEL_WIDTH;
    const y = MARGIN + Math.floor(place / COLUMNS) * panelHeight;
    return `<g transform="translate(${x} ${y})">${panelOf(headline, summaries[headline.workload]!)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Verbatim and other systems on the same work">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
};

const panelOf = ({ title, figure }: Headline, systems: Readonly<Record<string, Summary>>): string => {
  const highest = Math.max(...Object.values(systems).map(({ figures }) => figures[figure]?.max ?? 0));
  const scale = highest === 0 ? 0 : BAR_WIDTH / highest;
  const hint = `${FIGURES[figure].better === 'higher' ? 'longer' : 'shorter'} is better`;
  const rows = Object.entries(systems).map(([system, summary], place) =>
    rowOf(system, summary, figure, scale, TITLE_HEIGHT + place * BAR_HEIGHT),
  );
  return [
    `<text class="title" y="14">${escaped(title)}</text>`,
    `<text class="hint" y="30">${hint}</text>`,
    ...rows,
  ].join('');
};

const rowOf = (
  system: string,
  { figures, verdict }: Summary,
  figure: Headline['figure'],
  scale: number,
  y: number,
): string => {
  const found = figures[figure];
  const middle = y + BAR_HEIGHT / 2;
  const text = (x: number, kind: string, words: string): string =>
    `<text class="${kind}" x="${round(x)}" y="${middle + 4}">${escaped(words)}</text>`;
  const ours = system === OURS;
  const label = `<text class="${ours ? 'bold' : ''}" x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escaped(system)}</text>`;
  const fault = verdict.lost > 0 || verdict.repeated > 0 || verdict.reordered > 0;
  if (found === undefined) return label + text(LABEL_WIDTH, 'fault', fault ? 'loses what it missed' : 'none');
  const { digits } = FIGURES[figure];
  const value = found.median.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const end = LABEL_WIDTH + found.max * scale;
  return [
    label,
    `<rect class="bar${ours ? ' ours' : ''}" x="${LABEL_WIDTH}" y="${y + 3}" width="${round(found.median * scale)}" height="${BAR_HEIGHT - 6}" rx="2"/>`,
    `<line class="spread" x1="${round(LABEL_WIDTH + found.min * scale)}" x2="${round(end)}" y1="${middle}" y2="${middle}"/>`,
    text(end + 6, ours ? 'bold' : '', value),
    fault ? text(end + 14 + value.length * 7, 'fault', faultsOf(verdict)) : '',
  ].join('');
};

const round = (value: number): number => Number(value.toFixed(1));

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
