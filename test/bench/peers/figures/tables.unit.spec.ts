import { describe, expect, it } from 'vitest';
import { summarize, type Summaries } from './summary.js';
import { ratioRows, workloadRows } from './tables.js';

const RIGHT = { due: 100, lost: 0, repeated: 0, reordered: 0 };

const summariesWith = (ours: number, theirs: number): Summaries => ({
  saturation: {
    bare: summarize([{ figures: { throughput: theirs }, verdict: RIGHT }]),
    Verbatim: summarize([{ figures: { throughput: ours }, verdict: RIGHT }]),
  },
});

describe('summaries of runs', () => {
  it('hold the median and the spread of each figure, and the sum of all that was wrong', () => {
    const runs = [300, 100, 200].map((throughput, run) => ({
      figures: { throughput },
      verdict: { due: 10, lost: run, repeated: 1, reordered: 0 },
    }));
    expect(summarize(runs)).toEqual({
      runs: 3,
      figures: { throughput: { median: 200, min: 100, max: 300 } },
      verdict: { due: 30, lost: 3, repeated: 3, reordered: 0 },
      doNotCount: [],
    });
  });

  it('leave out figures that nothing was measured for', () => {
    const runs = [Number.NaN, 2, Infinity].map((ackP99) => ({ figures: { ackP99 }, verdict: RIGHT }));
    expect(summarize(runs).figures).toEqual({ ackP99: { median: 2, min: 2, max: 2 } });
  });

  it('name each run that does not count', () => {
    const runs = [
      { figures: {}, verdict: RIGHT, doesNotCount: 'late' },
      { figures: {}, verdict: RIGHT },
    ];
    expect(summarize(runs).doNotCount).toEqual(['late']);
  });
});

describe('tables of figures', () => {
  it('show medians with their spread, and what was wrong', () => {
    const runs = [1_000, 3_000, 2_000].map((throughput) => ({
      figures: { throughput },
      verdict: { due: 10, lost: 500, repeated: 0, reordered: 1 },
    }));
    expect(workloadRows({ bare: summarize(runs) })).toEqual([
      {
        system: 'bare',
        'acknowledged (/s)': '2,000 (1,000 to 3,000)',
        wrong: '1,500 lost, 3 reordered',
      },
    ]);
  });

  it('divide our figures by those of others, now and as recorded', () => {
    const rows = ratioRows(summariesWith(500, 1_000), summariesWith(300, 1_000), {
      saturation: ['throughput'],
    });
    expect(rows).toEqual([
      { workload: 'saturation', figure: 'acknowledged', better: 'higher', 'to bare': '0.50 (0.30)' },
    ]);
  });

  it('leave ratios out where a figure is missing', () => {
    const rows = ratioRows(summariesWith(500, 1_000), {}, { saturation: ['throughput', 'cpuPer1000'] });
    expect(rows.map((row) => row['to bare'])).toEqual(['0.50', '']);
  });
});
