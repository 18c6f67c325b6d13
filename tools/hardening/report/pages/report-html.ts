import type { HardeningReport, PhaseReport } from '../hardening-report.js';
import { PLOT_STYLE } from '../plot/plot-style.js';
import { countsOf, summaryOf, VERDICTS } from '../summary.js';
import type { Placed, Summary } from '../summary.js';
import { duration } from '../text/figures.js';
import { markup } from '../text/markup.js';
import type { Markup } from '../text/markup.js';
import { ABOUT_BRACKETS, occasion, surroundings } from './names.js';
import { PAGE_STYLE } from './page-style.js';
import { phaseSection, rowId, sectionId } from './phase-section.js';

/** Renders the report as one self-contained page: it loads nothing and runs nothing, and its policy forbids both. */
export const reportHtml = (report: HardeningReport): string => {
  const summary = summaryOf(report);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${summary.verdict}: Verbatim hardening report</title>
<style>${PAGE_STYLE}${PLOT_STYLE}</style>
</head>
<body>
<header>
<h1>Verbatim hardening report</h1>
<p class="soft">${occasion(report)}</p>
${verdict(report, summary)}
</header>
<main>
${missed(summary)}
${notRun(summary)}
${notJudged(summary)}
${glance(report.phases)}
${report.phases.map((phase, index) => phaseSection(phase, index))}
${machine(report)}
</main>
</body>
</html>
`.source;
};

const verdict = ({ passed, planted }: HardeningReport, summary: Summary): Markup => {
  const { sign } = VERDICTS[passed ? 'met' : 'missed'];
  const { met, missed: bad, 'not run': unseen, 'not judged': open, told } = summary.counts;
  return markup`<div class="verdict ${passed ? 'met' : 'missed'}"><p class="word"><span aria-hidden="true">${sign}</span> ${summary.verdict}</p><p>${summary.because}</p></div>
${planted.length === 0 ? undefined : markup`<p class="planted"><strong>Faults were planted on purpose</strong> (${planted.join(', ')}): this run is meant to fail.</p>`}
<ul class="tiles">${tile('met', met, 'targets met')}${tile('missed', bad, 'targets missed')}${tile('not-run', unseen, 'not run')}${tile('not-run', open, 'not judged')}${tile('told', told, 'measured, no target')}</ul>`;
};

const tile = (look: string, count: number, what: string): Markup =>
  markup`<li class="${count === 0 ? 'none' : look}"><b>${count}</b> ${what}</li>`;

const missed = ({ missed: rows, counts }: Summary): Markup =>
  rows.length === 0
    ? markup``
    : markup`<section aria-labelledby="missed"><h2 id="missed">Missed</h2><ol class="found">${rows.map(
        ({ phase, row }) =>
          markup`<li><p class="soft"><bdi>${phase.title}</bdi></p><p><a href="#${rowId(row)}"><bdi>${row.what}</bdi></a></p><dl><div><dt>measured</dt><dd class="bad"><bdi>${row.measured}</bdi></dd></div><div><dt>target</dt><dd><bdi>${row.target}</bdi></dd></div></dl>${row.why === undefined ? undefined : markup`<p class="why"><bdi>${row.why}</bdi></p>`}</li>`,
      )}</ol><p class="soft">${counts.met} others met.</p></section>`;

const notRun = ({ notRun: rows, leftOut }: Summary): Markup =>
  rows.length + leftOut.length === 0
    ? markup``
    : markup`<section aria-labelledby="not-run"><h2 id="not-run">Not run</h2><ul class="plain">${rows.map(notRunItem)}${leftOut.map((name) => markup`<li>The phase <b>${name}</b> was not part of this run.</li>`)}</ul></section>`;

const notJudged = ({ notJudged: rows }: Summary): Markup =>
  rows.length === 0
    ? markup``
    : markup`<section aria-labelledby="not-judged"><h2 id="not-judged">Not judged</h2><ul class="plain">${rows.map(notRunItem)}</ul></section>`;

const notRunItem = ({ phase, row }: Placed): Markup =>
  markup`<li><bdi>${phase.title}</bdi>: <a href="#${rowId(row)}"><bdi>${row.what}</bdi></a>${row.why === undefined ? undefined : markup` <span class="soft">– <bdi>${row.why}</bdi></span>`}</li>`;

const glance = (phases: readonly PhaseReport[]): Markup =>
  markup`<nav aria-labelledby="phases"><h2 id="phases">Phases</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="phases"><table class="counts"><thead><tr><th scope="col">phase</th><th scope="col">met</th><th scope="col">missed</th><th scope="col">not run</th><th scope="col">not judged</th><th scope="col">took</th></tr></thead><tbody>${phases.map(
    ({ title, rows, seconds }, index) => {
      const { met, missed: bad, 'not run': unseen, 'not judged': open } = countsOf(rows);
      return markup`<tr><th scope="row"><a href="#${sectionId(index)}"><bdi>${title}</bdi></a></th><td>${met}</td><td class="${bad > 0 ? 'bad' : 'zero'}">${bad > 0 ? '✗ ' : ''}${bad}</td><td class="${unseen > 0 ? '' : 'zero'}">${unseen}</td><td class="${open > 0 ? '' : 'zero'}">${open}</td><td>${duration(seconds)}</td></tr>`;
    },
  )}</tbody></table></div><p class="soft">${ABOUT_BRACKETS}</p></nav>`;

const machine = (report: HardeningReport): Markup =>
  markup`<section aria-labelledby="machine"><h2 id="machine">Machine and surroundings</h2><dl class="facts">${surroundings(report).map(([name, value]) => markup`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`)}</dl></section>`;
