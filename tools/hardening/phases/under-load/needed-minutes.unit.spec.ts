import { describe, expect, it } from 'vitest';
import { below, exactly, notRun } from '../../report/judge.js';
import { judgedAfter } from './needed-minutes.js';

const grown = {
  ...below(5, { id: 'soak.memory-back', what: 'Memory after', value: 9, unit: '%' }),
  why: 'seen',
};
const drifted = below(20, { id: 'soak.drift', what: 'Drift', value: 3, unit: '%' });
const errors = exactly(0, { id: 'soak.errors', what: 'Errors', value: 1, unit: '' });

describe('rows of a load', () => {
  it('are judged when the load was long enough', () => {
    expect(judgedAfter(30, [grown, drifted, errors])).toEqual([grown, drifted, errors]);
  });

  it('lose a verdict that needs a longer load, good or bad, and keep what was measured', () => {
    const [memory, drift, exactness] = judgedAfter(9.9, [grown, drifted, errors]);
    expect(memory).toEqual({
      ...grown,
      verdict: 'not judged',
      why: 'needs at least 30 minutes; seen',
    });
    expect(drift).toEqual({ ...drifted, verdict: 'not judged', why: 'needs at least 10 minutes' });
    expect(exactness).toEqual(errors);
    expect(judgedAfter(10, [grown, drifted]).map(({ verdict }) => verdict)).toEqual(['not judged', 'met']);
  });

  it('that were not run stay so', () => {
    const elsewhere = notRun({
      id: 'soak.slope',
      what: 'Growth',
      target: '< 1',
      why: 'the server runs elsewhere',
    });
    expect(judgedAfter(1, [elsewhere])).toEqual([elsewhere]);
  });
});
