import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseMinutes, parsePhases, parsePlants } from './hardening-options.js';
import { progressLine } from './progress.js';

describe('the options', () => {
  it('take minutes, from 0.1', () => {
    expect(parseMinutes('0.1')).toBe(0.1);
    for (const text of ['', '0', '-1', 'x', '1441', 'NaN'])
      expect(() => parseMinutes(text)).toThrow(InvalidArgumentError);
  });

  it('take phases, and put them in the order in which they run', () => {
    expect(parsePhases('soak, load')).toEqual(['load', 'soak']);
    expect(() => parsePhases('load,everything')).toThrow(/may be load, .*; not "everything"/);
    expect(() => parsePhases('')).toThrow(InvalidArgumentError);
  });

  it('take faults to plant', () => {
    expect([...parsePlants('leak,drop')]).toEqual(['leak', 'drop']);
    expect(() => parsePlants('')).toThrow(InvalidArgumentError);
    expect(() => parsePlants('constructor')).toThrow(/may be leak, /);
  });
});

describe('progress', () => {
  it('is one line', () => {
    const news = { doing: '1000 messages/s', figures: { errors: 0, 'memory MB': 280 } };
    expect(
      progressLine({ title: 'Soak', index: 4, count: 5, elapsedSeconds: 61, leftSeconds: 3_599.6, news }),
    ).toBe('4/5 Soak · 1000 messages/s · errors 0 · memory MB 280 · 1:01 elapsed, about 1:00:00 left');
  });
});
