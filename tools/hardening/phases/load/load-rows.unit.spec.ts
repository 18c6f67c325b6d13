import { describe, expect, it } from 'vitest';
import { observedInterval, observedLoad, observedSample } from '#test/support/observed-load.js';
import type { Observed } from '../under-load/observed.js';
import { loadRows } from './load-rows.js';

const missedIn = (observed: Observed): string[] =>
  loadRows(observed)
    .filter(({ verdict }) => verdict === 'missed')
    .map(({ id }) => id);
const { load: good, ...around } = observedLoad();

describe('the high load', () => {
  it('meets every target when all went well', () => {
    expect(missedIn(observedLoad())).toEqual([]);
    expect(loadRows(observedLoad()).filter(({ verdict }) => verdict === 'met')).toHaveLength(9);
  });

  it.each([
    [
      'too little was sent',
      { intervals: around.intervals.slice(1).concat(observedInterval(60, { sent: 300 })) },
      'load.sent',
    ],
    ['one post was refused', { load: { ...good, refused: { rate_limited: 1 } } }, 'load.errors'],
    ['one post was never answered', { load: { ...good, unanswered: 1 } }, 'load.errors'],
    ['nothing was sent at all', { load: { ...good, sent: 0 } }, 'load.errors'],
    ['a message was lost', { load: { ...good, undelivered: 1 } }, 'load.lost'],
    ['there was a gap', { load: { ...good, gaps: 1 } }, 'load.gaps'],
    ['a message came twice', { load: { ...good, repeats: 1 } }, 'load.repeats'],
    ['a connection was dropped', { load: { ...good, disconnects: 1 } }, 'load.disconnects'],
    [
      'acknowledgements were slow',
      { load: { ...good, acknowledgement: { ...good.acknowledgement, p99: 100 } } },
      'load.acknowledgement',
    ],
    [
      'nothing was acknowledged',
      { load: { ...good, acknowledgement: { ...good.acknowledgement, p99: Number.NaN } } },
      'load.acknowledgement',
    ],
    [
      'memory was over the limit once',
      { samples: [...around.samples, observedSample(60, 321)] },
      'load.memory',
    ],
    ['memory was never seen', { samples: [] }, 'load.memory'],
    ['memory did not come back', { settled: { before: 200, after: 220 } }, 'load.memory-back'],
  ])('misses its target when %s', (_, over, id) => {
    expect(missedIn(observedLoad(over as Partial<Observed>))).toEqual([id]);
  });

  it('lists the errors', () => {
    const rows = loadRows(observedLoad({ load: { ...good, refused: { rate_limited: 3 }, unanswered: 2 } }));
    expect(rows.find(({ id }) => id === 'load.errors')?.why).toBe('rate_limited: 3, never answered: 2');
  });

  it('does not judge the memory of a server elsewhere, and says so', () => {
    const { settled: _, ...elsewhere } = observedLoad({ samples: [] });
    const memory = loadRows(elsewhere).filter(({ id }) => id.startsWith('load.memory'));
    expect(memory.map(({ verdict }) => verdict)).toEqual(['not run', 'not run']);
    expect(missedIn(elsewhere)).toEqual([]);
  });
});
