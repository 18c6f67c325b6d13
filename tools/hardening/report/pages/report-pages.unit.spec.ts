import { describe, expect, it } from 'vitest';
import { hardeningReport } from '#test/support/hardening/hardening-report.js';
import { phaseReport } from '#test/support/hardening/phase-report.js';
import { tableOf } from '#test/support/markdown.js';
import { below, exactly, notJudged, notRun, reportedRow } from '../judge.js';
import type { HardeningReport, Plot, Row } from '../hardening-report.js';
import { summaryOf } from '../summary.js';
import { plotPaths } from './names.js';
import { reportHtml } from './report-html.js';
import { reportMd } from './report-md.js';

const met = exactly(0, {
  id: 'load.errors',
  what: 'Errors',
  value: 0,
  unit: 'errors',
  predecessor: '0.02 %',
});
const missed = below(100, { id: 'load.p99', what: 'Slow answers', value: 131.7, unit: 'ms' });
const unmeasured = below(5, { id: 'load.lost', what: 'No figure', value: Number.NaN, unit: 's' });
const unseen = notRun({
  id: 'load.memory',
  what: 'Memory',
  target: '< 400 MB',
  why: 'the server runs elsewhere',
});
const undecided = notJudged(
  below(5, { id: 'soak.memory-back', what: 'Memory after', value: 9, unit: '%' }),
  'needs at least 30 minutes',
);
const plain = reportedRow({ id: 'load.mean', what: 'Median', value: 3, unit: 'ms' });
const withRows = (...rows: Row[]): HardeningReport => hardeningReport({ phases: [phaseReport({ rows })] });

const plot = (id: string): Plot => ({ id, title: id, unit: '', series: [] });

const EVIL = '<script>alert(1)</script> | "quoted" \u202e\u0000\ud800 مرحبا';
const evilReport = (): HardeningReport =>
  hardeningReport({
    version: EVIL,
    url: EVIL,
    planted: [EVIL],
    machine: { ...hardeningReport().machine, cpu: EVIL, kernel: EVIL },
    phases: [
      phaseReport({
        title: EVIL,
        did: [EVIL],
        rows: [
          { ...missed, id: EVIL, what: EVIL, measured: EVIL, target: EVIL, predecessor: EVIL, why: EVIL },
          { ...unseen, what: EVIL },
        ],
        plots: [{ id: EVIL, title: EVIL, unit: EVIL, series: [{ name: EVIL, points: [[0, 1]] }] }],
        tables: [{ title: EVIL, columns: [EVIL, EVIL], rows: [[EVIL, EVIL]], note: EVIL }],
      }),
    ],
  });

describe('the summary', () => {
  it.each([
    ['Passed', 'All 2 checked targets were met.', [met, met, plain]],
    [
      'Passed',
      'The one checked target was met. 1 target could not be judged in so short a run.',
      [met, undecided],
    ],
    ['Failed', '1 of 2 targets missed. 1 target could not be checked in this run.', [met, missed, unseen]],
    [
      'Failed',
      'No target was checked, so nothing is proved. 1 target could not be checked in this run.',
      [plain, unseen],
    ],
  ])('says %s: %s', (verdict, because, rows) => {
    expect(summaryOf(withRows(...rows))).toMatchObject({ verdict, because });
  });

  it('says that a run failed that missed nothing but did not finish', () => {
    const { verdict, because } = summaryOf({ ...withRows(met), passed: false });
    expect(verdict).toBe('Failed');
    expect(because).toContain('did not finish');
  });

  it('names phases that were not asked for', () => {
    expect(summaryOf(withRows(met)).leftOut).toEqual(['faults', 'edges', 'soak', 'capacity']);
  });
});

describe.each([
  ['report.html', reportHtml],
  ['report.md', reportMd],
])('%s', (_, render) => {
  it('gives each verdict in words, not by colour or sign alone', () => {
    const page = render(withRows(met, missed, unseen, undecided, plain));
    for (const words of ['met', 'missed', 'not run', 'not judged', 'no target'])
      expect(page).toMatch(new RegExp(`\\S ?(</span> )?${words}`));
  });

  it('begins with the verdict and the missed targets, with measured value and target', () => {
    const page = render(withRows(met, missed));
    const order = ['Failed', '1 of 2 targets missed', 'Slow answers', '132 ms', 'Errors'].map((text) =>
      page.indexOf(text),
    );
    expect(order).not.toContain(-1);
    expect(page.slice(order[2], order[4])).toContain('100 ms');
    expect(order.slice(1)).toEqual(order.slice(1).toSorted((one, other) => one - other));
  });

  it('has no list of missed targets when none was missed', () => {
    expect(render(withRows(met))).not.toContain('Missed');
  });

  it('says what was not run and why, and which phases were left out', () => {
    const page = render(withRows(met, unseen));
    expect(page).toContain('the server runs elsewhere');
    expect(page).toMatch(/capacity.+was not part of this run/);
  });

  it('says what could not be judged, why, and what was measured', () => {
    const page = render(withRows(met, undecided));
    for (const words of ['Not judged', 'Memory after', 'needs at least 30 minutes', '9 %'])
      expect(page).toContain(words);
    expect(page).not.toContain('Missed');
  });

  it('says "not measured" for NaN, which misses its target', () => {
    const page = render(withRows(met, unmeasured));
    expect(page).toContain('not measured');
    expect(page).toContain('Failed');
  });

  it('puts the predecessor’s figure in brackets, and has no column for it where there is none', () => {
    expect(render(withRows(met))).toContain('[0.02 %]');
    expect(render(withRows(missed))).not.toMatch(/<th[^>]*>predecessor|\| predecessor/);
  });

  it('says that faults were planted', () => {
    expect(render({ ...withRows(missed), planted: ['leak', 'drop'] })).toMatch(
      /planted on purpose.+leak, drop/,
    );
    expect(render(withRows(met))).not.toContain('on purpose');
  });

  it('describes the machine and the circumstances of the run', () => {
    const page = render(hardeningReport());
    for (const fact of [
      'AMD EPYC 7B13, 2 cores',
      '24,105 MiB',
      'Node 20.20.2',
      '2026-11-26 18:00 UTC',
      '0.31',
    ])
      expect(page).toContain(fact);
  });

  it('contains no text that acts or is invisible', () => {
    const page = render(evilReport());
    expect(page.match(/(?<!\\)<script/g)).toBeNull();
    expect(page).toContain('\\u{202e}');
    // oxlint-disable-next-line no-control-regex -- these characters must not be there
    expect(page).not.toMatch(/[\u0000\u202e]|\p{Surrogate}/u);
    expect(page).toContain('مرحبا');
  });

  it('can show an empty run', () => {
    const page = render(hardeningReport({ phases: [] }));
    expect(page).toContain('nothing is proved');
    expect(page).not.toMatch(/undefined|NaN/);
  });
});

describe('report.html', () => {
  it('loads nothing and runs nothing', () => {
    const page = reportHtml(hardeningReport());
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect([...page.matchAll(/href="([^"]+)"/g)].every(([, target]) => target!.startsWith('#'))).toBe(true);
  });

  it('links only to ids that exist, and uses each id once', () => {
    for (const report of [hardeningReport(), evilReport()]) {
      const page = reportHtml(report);
      const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
      for (const [, names] of page.matchAll(/aria-(?:labelled|described)by="([^"]+)"/g))
        for (const name of names!.split(' ')) expect(ids).toContain(name);
    }
  });
});

describe('report.md', () => {
  it('has tables whose rows have as many cells as their headers', () => {
    for (const report of [hardeningReport(), evilReport()]) {
      const blocks = reportMd(report)
        .trim()
        .split('\n\n')
        .filter((block) => block.startsWith('|'));
      expect(blocks.length).toBeGreaterThan(2);
      for (const block of blocks)
        expect(new Set(block.split('\n').map((line) => line.match(/(?<!\\)\|/g)!.length)).size).toBe(1);
    }
  });

  it('shows every phase at a glance', () => {
    expect(tableOf(reportMd(hardeningReport()), 'phase | met')).toHaveLength(5);
  });

  it('shows each plot by its file', () => {
    const report = hardeningReport();
    const page = reportMd(report);
    for (const path of plotPaths(report).values()) expect(page).toContain(`](${path})`);
  });
});

describe('names of plots', () => {
  it('are safe file names that all differ', () => {
    const plots = ['load.memory', 'load.memory', 'LOAD.memory', '../../etc/passwd', '', '🚀'].map(plot);
    const paths = [...plotPaths(hardeningReport({ phases: [phaseReport({ plots })] })).values()];
    expect(paths).toEqual([
      'plots/load.memory.svg',
      'plots/load.memory-2.svg',
      'plots/LOAD.memory-3.svg',
      'plots/-..-etc-passwd.svg',
      'plots/plot.svg',
      'plots/-.svg',
    ]);
  });
});
