import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { summarize } from '../figures/summary.js';
import type { Recorded } from '../recorded.js';
import { readRecorded } from '../recorded.js';
import { drawChart } from './chart.js';
import { benchmarksBlock, readmeBlock, withBlock } from './markdown.js';
import { reportOf } from './write-report.js';

const RIGHT = { due: 100, lost: 0, repeated: 0, reordered: 0 };

const run = (throughput: number, lost = 0) => ({ figures: { throughput }, verdict: { ...RIGHT, lost } });

const RECORDED: Recorded = {
  options: { runs: 2, seconds: 6 },
  date: '2026-11-30T12:00:00.000Z',
  commit: 'abcdef',
  machine: { cores: 2, cpu: 'A & B', memoryGiB: 24, kernel: '6.18', node: 'v20.20.2', loadBefore: '0.10' },
  results: {
    versions: { bare: { 'socket.io': '4.8.3' }, Verbatim: { 'socket.io': '4.8.3' } },
    leftOut: { JetStream: 'nats-server is not installed' },
    summaries: {
      saturation: {
        bare: summarize([run(9_000, 3), run(11_000)]),
        Verbatim: summarize([run(6_000), run(6_500)]),
      },
      steady: { bare: summarize([{ figures: {}, verdict: { ...RIGHT, lost: 9 } }]) },
    },
  },
};

describe('the report of recorded results', () => {
  it('is what the README, the benchmarks and the chart show', () => {
    for (const [file, text] of reportOf(readRecorded()!)) expect(readFileSync(file, 'utf8'), file).toBe(text);
  });

  it('shows a row for each system, with what it lost', () => {
    const block = readmeBlock(RECORDED);
    expect(block).toContain('npm run bench -- peers --runs 2 --seconds 6');
    expect(block).toMatch(/^\| bare \| 11,000, 3 lost \|/m);
    expect(block).toMatch(/^\| Verbatim \| 6,500 \|/m);
  });

  it('shows every workload, the versions, the machine and what was left out', () => {
    const block = benchmarksBlock(RECORDED);
    expect(block).toContain('11,000 (9,000 to 11,000)');
    expect(block).toContain('- bare: socket.io 4.8.3');
    expect(block).toContain('2 cores (A & B)');
    expect(block).toContain('JetStream was left out: nats-server is not installed');
  });

  it('warns of figures that were measured beside other work', () => {
    const busy = { ...RECORDED, machine: { ...RECORDED.machine, loadBefore: '7.30' } };
    expect(readmeBlock(RECORDED)).not.toContain('Other work');
    expect(readmeBlock(busy)).toContain('Other work was going on');
  });

  it('goes between its markers and leaves the rest of a document alone', () => {
    const once = withBlock(
      'before\n<!-- peers: made by npm run bench -- peers --write -->\n<!-- peers: end -->\nafter',
      'x',
    );
    expect(once).toContain('before\n');
    expect(once).toContain('\nafter');
    expect(withBlock(once, 'y')).toBe(once.replace('\nx\n', '\ny\n'));
  });

  it('is refused by a document without markers', () => {
    expect(() => withBlock('nothing', 'x')).toThrow('has no <!-- peers');
  });
});

describe('the chart', () => {
  const chart = drawChart(RECORDED.results.summaries);

  it('draws the highest run across the whole width, and the others in proportion', () => {
    const lengths = [...chart.matchAll(/class="bar[^"]*" x="230" y="\d+" width="([\d.]+)"/g)].map((bar) =>
      Number(bar[1]),
    );
    expect(lengths).toEqual([150, Number(((150 * 6_500) / 11_000).toFixed(1))]);
  });

  it('has room for the panel with the most systems', () => {
    const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(chart)![1]);
    const panels = [...chart.matchAll(/<g transform="translate\(\d+ (\d+)\)">/g)].map(([, y]) => Number(y));
    const lowest = Math.max(...[...chart.matchAll(/<text[^>]* y="(\d+)"/g)].map(([, y]) => Number(y)));
    expect(Math.max(...panels) + lowest).toBeLessThan(height);
  });

  it('marks our bar, and says what others lost', () => {
    expect(chart).toContain('class="bar ours"');
    expect(chart).toContain('3 lost');
    expect(chart).toContain('loses what it missed');
  });
});
