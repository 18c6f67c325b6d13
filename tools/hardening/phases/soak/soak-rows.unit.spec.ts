import { describe, expect, it } from 'vitest';
import { observedInterval, observedLoad, observedSample } from '#test/support/observed-load.js';
import type { Observed } from '../under-load/observed.js';
import { memorySeries, soakRows } from './soak-rows.js';

const SECONDS = 1_800;

/** Half an hour with this memory, in MB at each second. */
const halfHour = (memory: (second: number) => number, over: Partial<Observed> = {}): Observed =>
  observedLoad({
    seconds: SECONDS,
    intervals: Array.from({ length: SECONDS }, (_, second) => observedInterval(second + 1)),
    samples: Array.from({ length: SECONDS }, (_, second) => observedSample(second, memory(second))),
    ...over,
  });
const garbage = (second: number): number => 200 + ((second * 7919) % 40);
const missedIn = (observed: Observed): string[] =>
  soakRows(observed)
    .filter(({ verdict }) => verdict === 'missed')
    .map(({ id }) => id);

describe('the soak', () => {
  it('meets every target when memory only swings', () => {
    expect(missedIn(halfHour(garbage))).toEqual([]);
  });

  it('finds growth of 0.4 MB a minute under the garbage', () => {
    expect(missedIn(halfHour((second) => garbage(second) + (0.4 * second) / 60))).toEqual(['soak.slope']);
  });

  it('reports the growth of file pages, and does not count them', () => {
    const samples = Array.from({ length: SECONDS }, (_, second) =>
      observedSample(second, garbage(second) + second / 60, 12, 50 + second / 60),
    );
    const rows = soakRows(halfHour(garbage, { samples }));
    expect(rows.find(({ id }) => id === 'soak.files')).toMatchObject({
      verdict: 'told',
      measured: '1 MB/min',
    });
    expect(rows.filter(({ verdict }) => verdict === 'missed')).toEqual([]);
  });

  it('ignores growth in the first sixth of the time', () => {
    expect(missedIn(halfHour((second) => garbage(second) + Math.min(50, second / 4)))).toEqual([]);
  });

  it('judges samples of every 30 s, after the first 5 minutes', () => {
    const series = memorySeries(halfHour(garbage));
    expect(series).toHaveLength(50);
    expect(series[0]![0]).toBe(5.25);
  });

  it.each([
    ['memory did not come back', { settled: { before: 200, after: 210 } }, 'soak.memory-back'],
    [
      'it got slower',
      {
        intervals: Array.from({ length: SECONDS }, (_, second) =>
          observedInterval(second + 1, {
            delivery: { samples: 1, mean: 3, p50: second > 1_300 ? 3.6 : 3, p99: 20, max: 20 },
          }),
        ),
      },
      'soak.drift',
    ],
    [
      'the event loop was held up',
      { samples: [...halfHour(garbage).samples, observedSample(SECONDS, 220, 200)] },
      'soak.pause',
    ],
  ])('misses its target when %s', (_, over, id) => {
    expect(missedIn(halfHour(garbage, over as Partial<Observed>))).toEqual([id]);
  });

  it('marks as not run what it could not see of a server elsewhere', () => {
    const { settled: _, ...elsewhere } = halfHour(garbage, { samples: [] });
    const notRun = soakRows(elsewhere).filter(({ verdict }) => verdict === 'not run');
    expect(notRun.map(({ id }) => id)).toEqual(['soak.pause', 'soak.slope', 'soak.memory-back']);
  });
});
