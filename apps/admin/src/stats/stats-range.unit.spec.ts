import { describe, expect, it } from 'vitest';
import { statsRange } from './stats-range.js';

const NOW = Date.parse('2026-11-24T12:34:56.789Z');
const iso = (query: Parameters<typeof statsRange>[0]) => {
  const { interval, from, to } = statsRange(query, NOW);
  return [interval, new Date(from).toISOString(), new Date(to).toISOString()];
};

describe('the intervals of a question for statistics', () => {
  it.each([
    [{}, ['hour', '2026-11-22T01:00:00.000Z', '2026-11-24T13:00:00.000Z']],
    [{ interval: 'minute' }, ['minute', '2026-11-24T11:35:00.000Z', '2026-11-24T12:35:00.000Z']],
    [
      { interval: 'day', from: '2026-11-01T18:00:00+01:00', to: '2026-11-03' },
      ['day', '2026-11-01T00:00:00.000Z', '2026-11-03T00:00:00.000Z'],
    ],
    [
      { interval: 'hour', from: '2026-11-23T10:30:00Z', to: '2026-11-23T10:40:00Z' },
      ['hour', '2026-11-23T10:00:00.000Z', '2026-11-23T11:00:00.000Z'],
    ],
  ] as const)('%o', (query, expected) => expect(iso(query)).toEqual(expected));

  it('are refused when there are none or too many', () => {
    expect(() => statsRange({ from: '2026-11-24', to: '2026-11-23' }, NOW)).toThrow(
      '"from" must be before "to"',
    );
    expect(() => statsRange({ interval: 'minute', from: '2026-11-22', to: '2026-11-24' }, NOW)).toThrow(
      'At most 1500',
    );
  });
});
