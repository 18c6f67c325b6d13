import { describe, expect, it } from 'vitest';
import { InvalidOption, parseMinutes, parsePhases, parsePlants } from './hardening-options.js';
import { clock, progressLine } from './progress.js';

describe('the options', () => {
  it('are minutes, from a tenth on', () => {
    expect(parseMinutes('0.1')).toBe(0.1);
    for (const text of ['', '0', '-1', 'x', '1441', 'NaN'])
      expect(() => parseMinutes(text)).toThrow(InvalidOption);
  });

  it('are phases, in the order in which they run', () => {
    expect(parsePhases('soak, load')).toEqual(['load', 'soak']);
    expect(parsePhases(undefined)).toHaveLength(5);
    expect(() => parsePhases('load,everything')).toThrow(/takes load, .*; not "everything"/);
    expect(() => parsePhases('')).toThrow(InvalidOption);
  });

  it('are faults to be planted', () => {
    expect([...parsePlants('leak,drop')]).toEqual(['leak', 'drop']);
    expect(parsePlants(undefined).size).toBe(0);
    expect(() => parsePlants('constructor')).toThrow(/--plant takes leak, /);
  });
});

describe('progress', () => {
  it('is one line', () => {
    const news = { doing: '1000 messages/s', figures: { errors: 0, 'memory MB': 280 } };
    expect(
      progressLine({ title: 'Soak', index: 4, count: 5, elapsedSeconds: 61, leftSeconds: 3_599.6, news }),
    ).toBe('4/5 Soak · 1000 messages/s · errors 0 · memory MB 280 · 1:01 gone, about 60:00 left');
  });

  it('never counts below nothing', () => {
    expect(clock(-5)).toBe('0:00');
  });
});
