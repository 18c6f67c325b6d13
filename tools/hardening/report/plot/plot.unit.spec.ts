import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plot, Point } from '../hardening-report.js';
import { axisOfNumbers, axisOfTime, axisOfValues } from './axis.js';
import { describePlot, figuresOf } from './describe-plot.js';
import { frameOf } from './plot-frame.js';
import { plotFile, plotSvg } from './plot-svg.js';
import { fitted, widthOf } from './text-width.js';

const plot = (fields: Partial<Plot> = {}): Plot => ({
  id: 'load.memory',
  title: 'Memory',
  unit: 'MB',
  series: [
    {
      name: 'all',
      points: [
        [0, 100],
        [30, 140],
        [60, 120],
      ],
    },
  ],
  ...fields,
});
const svg = (fields: Partial<Plot> = {}): string =>
  plotSvg(plot(fields), 'p1', { width: 520, height: 250 }).source;
const pathsOf = (source: string): string[] =>
  [...source.matchAll(/<path class="vp-line vp-s\d" d="(M[^"H]+)"/g)].map(([, path]) => path!);

describe('axes', () => {
  it('begin at 0, end at a round number, and have round ticks', () => {
    expect(axisOfValues(12, 318, 5)).toEqual({ from: 0, to: 400, ticks: [0, 100, 200, 300, 400] });
    expect(axisOfValues(0.1, 0.29, 3).ticks).toEqual([0, 0.1, 0.2, 0.3]);
    expect(axisOfValues(-3, 4, 4).from).toBeLessThanOrEqual(-3);
    expect(axisOfTime(0, 1_800, 6).ticks).toEqual([0, 300, 600, 900, 1_200, 1_500, 1_800]);
    expect(axisOfNumbers(500, 4_000, 5).ticks).toEqual([1_000, 2_000, 3_000, 4_000]);
  });

  it('hold every value, with a few ticks in order, for any range', () => {
    const small = fc.integer({ min: -100, max: 100 });
    const large = fc.integer({ min: -1e12, max: 1e12 });
    const numbers = fc.oneof(small, large).map((thousandths) => thousandths / 1_000);
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const { from, to, ticks } = axisOfValues(low, high, 5);
        expect(from).toBeLessThanOrEqual(Math.min(0, low));
        expect(to).toBeGreaterThanOrEqual(high);
        expect(to).toBeGreaterThan(from);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(8);
      }),
      // Multiples of the step are not exact here.
      { examples: [[-0.011, -0.009]] },
    );
  });
});

describe('a plot', () => {
  it('draws a line through its points, with title and description', () => {
    const source = svg();
    expect(pathsOf(source)).toHaveLength(1);
    expect(source).toContain('aria-labelledby="p1-title" aria-describedby="p1-desc"');
    expect(source).toContain('<title id="p1-title">Memory</title>');
    expect(source).toContain('all: first 100, lowest 100, highest 140, last 120 MB.');
  });

  it('breaks the line at a gap, and draws a single point as a dot', () => {
    const points: Point[] = [
      [0, 1],
      [1, 2],
      [2, Number.NaN],
      [3, 5],
      [4, Number.NaN],
      [5, 1],
      [6, 2],
    ];
    const source = svg({ series: [{ name: 'all', points }] });
    expect(pathsOf(source)[0]!.match(/M/g)).toHaveLength(2);
    expect(source.match(/class="vp-dot/g)).toHaveLength(1);
    expect(source).not.toContain('NaN');
  });

  it('treats null as a gap, because NaN becomes null in JSON', () => {
    const points = JSON.parse('[[0,1],[1,null],[2,3]]') as Point[];
    expect(svg({ series: [{ name: 'all', points }] }).match(/class="vp-dot/g)).toHaveLength(2);
  });

  it.each([
    ['no series', []],
    ['no points', [{ name: 'all', points: [] }]],
    ['only gaps', [{ name: 'all', points: [[0, Number.NaN]] as Point[] }]],
  ])('says when nothing was measured: %s', (_, series) => {
    const source = svg({ series, limit: { label: '< 9', value: 9 } });
    expect(source).toContain('nothing was measured');
    expect(source).not.toMatch(/NaN|Infinity/);
    expect(svg()).not.toContain('nothing was measured');
  });

  it('draws a limit to scale, or only names one that would squeeze everything else flat', () => {
    expect(svg({ limit: { label: 'target < 400 MB', value: 400 } })).toContain('class="vp-limit"');
    const far = svg({ limit: { label: 'target < 9,000 MB', value: 9_000 } });
    expect(far).toContain('↑ target &lt; 9,000 MB, beyond this scale');
    expect(far).not.toContain('class="vp-limit"');
  });

  it('numbers its marks, explains them in the legend, and keeps close ones apart', () => {
    const marks = [10, 11, 12, 50].map((at, index) => ({ at, label: `fault ${index}` }));
    const source = svg({ marks });
    expect(source).toContain('0:11 fault 1');
    expect(source.match(/class="vp-mark"/g)).toHaveLength(4);
    const { badges } = frameOf(plot({ marks }), 520, 250);
    expect(new Set(badges.slice(0, 3).map(({ y }) => y)).size).toBe(3);
    expect(badges[3]!.y).toBe(badges[0]!.y);
  });

  it('stays within its area, whatever the values', () => {
    const values = fc.array(fc.tuple(fc.nat(5_000), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(values, (pairs) => {
        const points = pairs.toSorted(([one], [other]) => one - other);
        const { x, y, left, right, top, bottom } = frameOf(
          plot({ series: [{ name: 'a', points }] }),
          520,
          250,
        );
        for (const [at, value] of points) {
          expect(x(at)).toBeGreaterThanOrEqual(left);
          expect(x(at)).toBeLessThanOrEqual(right + 1e-6);
          expect(y(value)).toBeGreaterThanOrEqual(top - 1e-6);
          expect(y(value)).toBeLessThanOrEqual(bottom + 1e-6);
        }
      }),
    );
  });

  it('thins tens of thousands of points', () => {
    const points = Array.from({ length: 60_000 }, (_, at): Point => [at, (at * 7_919) % 251]);
    expect(svg({ series: [{ name: 'all', points }] }).length).toBeLessThan(20_000);
  });

  it('escapes every text', () => {
    const evil = '</text><script>"';
    const source = plotFile(
      plot({
        title: evil,
        unit: evil,
        along: evil,
        series: [{ name: evil, points: [[0, 1]] }],
        marks: [{ at: 0, label: evil }],
        limit: { label: evil, value: 1 },
      }),
    );
    expect(source).not.toContain('<script');
    expect(source.match(/&lt;\/text&gt;&lt;script/g)!.length).toBeGreaterThanOrEqual(7);
  });

  it('as a file includes its colours for light and dark, its background and its namespace', () => {
    const source = plotFile(plot());
    expect(source).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(source).toContain('@media (prefers-color-scheme:dark)');
    expect(source).toContain('<rect class="vp-back"');
  });

  it('can have an x axis other than time', () => {
    const source = svg({
      along: 'messages/s',
      series: [
        {
          name: 'p99',
          points: [
            [500, 9],
            [4_000, 300],
          ],
        },
      ],
    });
    expect(source).toContain('>messages/s<');
    expect(source).toContain('>2,000<');
  });
});

describe('figures of a series', () => {
  it('leave gaps out and count them', () => {
    expect(
      figuresOf({
        name: 'a',
        points: [
          [0, Number.NaN],
          [1, 4],
          [2, 2],
          [3, 3],
        ],
      }),
    ).toEqual({ first: 4, lowest: 2, highest: 4, last: 3, measured: 3, gaps: 1 });
  });

  it('are described for each series, with limit and marks', () => {
    const described = describePlot(
      plot({
        series: [{ name: 'a', points: [] }],
        limit: { label: 'target', value: 4 },
        marks: [{ at: 65, label: 'killed' }],
      }),
    );
    expect(described).toBe('a: nothing was measured. A line at 4: target. At 1:05: killed.');
  });
});

describe('text that must fit', () => {
  it('is cut between characters, never within one', () => {
    expect(fitted('short', 100)).toBe('short');
    expect(fitted('🚀🚀🚀🚀', 40)).toMatch(/^🚀+…$/u);
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.nat(200),
        (text, width) => widthOf(fitted(text, width)) <= Math.max(width, widthOf('…')),
      ),
    );
  });
});
