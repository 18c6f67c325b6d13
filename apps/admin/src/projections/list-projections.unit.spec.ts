import { describe, expect, it } from 'vitest';
import { asOf } from './list-projections.query.js';
import type { ProjectionItem } from './list-projections.query.js';

const SEEN = '2026-01-01T00:00:00.000Z';
const later = (ms: number): number => Date.parse(SEEN) + ms;
const item = (status: ProjectionItem['status']): ProjectionItem => ({
  name: 'messages',
  version: 1,
  generation: 1,
  lagMs: 40,
  status,
  seenAt: SEEN,
});

describe('the stored state of a projection, some time later', () => {
  it('is unchanged within the time in which it must report', () => {
    expect(asOf(item('live'), later(5_000))).toEqual(item('live'));
  });

  it('is silent when it has not reported since, and lags by that time', () => {
    expect(asOf(item('live'), later(60_000))).toEqual({ ...item('live'), status: 'silent', lagMs: 60_000 });
    expect(asOf({ ...item('silent'), lagMs: 6_000 }, later(60_000)).lagMs).toBe(60_000);
  });

  it.each(['failed', 'paused', 'displaced'] as const)('stays %s', (status) => {
    expect(asOf(item(status), later(60_000))).toEqual(item(status));
  });
});
