import type { PhaseReport, Point } from '#tools/hardening/report/hardening-report.js';

/** Returns the report of a phase that did nothing, except for the given fields. */
export const phaseReport = (fields: Partial<PhaseReport> = {}): PhaseReport => ({
  name: 'load',
  title: 'High load',
  startedAt: '2026-11-26T18:00:14.000Z',
  seconds: 1_860,
  did: [],
  rows: [],
  ...fields,
});

/**
 * Returns `count` points, one every few seconds, that swing around a value as measured ones do. They are the same on
 * every call.
 */
export const swinging = (
  count: number,
  every: number,
  [around, swing, rise = 0]: readonly [number, number, number?],
): Point[] =>
  Array.from({ length: count }, (_, index) => [
    index * every,
    around +
      (rise * index) / count +
      swing * Math.sin(index * 0.37) * Math.cos(index * 1.73 + Math.sin(index)),
  ]);
