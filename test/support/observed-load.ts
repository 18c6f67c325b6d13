import type { Observed, Sample } from '#tools/hardening/phases/under-load/observed.js';
import type { LoadInterval } from '#tools/harness/load/load-plan.js';

const spread = (p50: number, p99: number) => ({ samples: 1_000, mean: p50, p50, p99, max: p99 });

export const observedInterval = (at: number, over: Partial<LoadInterval> = {}): LoadInterval => ({
  at,
  sent: 1_000,
  acknowledged: 1_000,
  refused: 0,
  delivered: 10_000,
  disconnects: 0,
  delivery: spread(3, 20),
  acknowledgement: spread(3, 15),
  ...over,
});

export const observedSample = (
  at: number,
  verbatimMB: number,
  pauseMs: number | undefined = 12,
  filesMB = 50,
): Sample => ({
  at,
  pauseMs,
  processes: [
    { process: 'Verbatim', memoryMB: verbatimMB, filesMB, cpuPercent: 70 },
    { process: 'event store', memoryMB: 80, filesMB: 0, cpuPercent: 30 },
    { process: 'PostgreSQL', memoryMB: 300, filesMB: 0, cpuPercent: 5 },
  ],
});

/** Returns a minute in which everything went as it should, except for the given fields. */
export const observedLoad = (over: Partial<Observed> = {}): Observed => ({
  rate: 1_000,
  seconds: 60,
  intervals: Array.from({ length: 60 }, (_, index) => observedInterval(index + 1)),
  samples: Array.from({ length: 60 }, (_, index) => observedSample(index, 200 + (index % 3))),
  settled: { before: 200, after: 204 },
  ...over,
  load: {
    sent: 60_000,
    acknowledged: 60_000,
    refused: {},
    disconnects: 0,
    gaps: 0,
    repeats: 0,
    undelivered: 0,
    unanswered: 0,
    delivery: spread(3, 20),
    acknowledgement: spread(3, 15),
    lateness: spread(0.1, 2),
    ...over.load,
  },
});
