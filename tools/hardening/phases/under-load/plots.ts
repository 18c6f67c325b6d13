import type { LoadInterval } from '#tools/harness/load/load-plan.js';
import type { Plot, Series } from '../../report/hardening-report.js';
import type { Observed, Sample } from './observed.js';
import { ownMemory } from './observed.js';

/** Targets to draw as lines in the plots they belong to. */
export type Limits = Readonly<{ memoryMB?: number; acknowledgementMs?: number; pauseMs?: number }>;

/** Returns the plots of a load over time. */
export const plotsOf = (phase: string, { samples, intervals }: Observed, limits: Limits): readonly Plot[] => [
  latency(phase, intervals, limits),
  {
    id: `${phase}-throughput`,
    title: 'Messages in each second',
    unit: '/s',
    series: [
      over(intervals, 'sent', ({ sent }) => sent),
      over(intervals, 'acknowledged', ({ acknowledged }) => acknowledged),
    ],
  },
  memory(phase, samples, limits),
  {
    id: `${phase}-cpu`,
    title: 'CPU of the server’s processes (100 %: one core)',
    unit: '%',
    series: byProcess(samples, ({ cpuPercent }) => cpuPercent),
  },
  {
    id: `${phase}-pauses`,
    title: 'Longest time the event loop was held up',
    unit: 'ms',
    series: [
      { name: 'Verbatim', points: samples.map(({ at, pauseMs }) => [at, pauseMs ?? Number.NaN] as const) },
    ],
    ...limit(limits.pauseMs, 'ms'),
  },
];

const latency = (phase: string, intervals: readonly LoadInterval[], limits: Limits): Plot => ({
  id: `${phase}-latency`,
  title: 'Latency in each second',
  unit: 'ms',
  series: [
    over(intervals, 'acknowledgement p50', ({ acknowledgement }) => acknowledgement.p50),
    over(intervals, 'acknowledgement p99', ({ acknowledgement }) => acknowledgement.p99),
    over(intervals, 'delivery p50', ({ delivery }) => delivery.p50),
    over(intervals, 'delivery p99', ({ delivery }) => delivery.p99),
  ],
  ...limit(limits.acknowledgementMs, 'ms'),
});

const memory = (phase: string, samples: readonly Sample[], limits: Limits): Plot => ({
  id: `${phase}-memory`,
  title: 'Memory of the server’s processes',
  unit: 'MB',
  series: [
    {
      name: 'Verbatim’s own together',
      points: samples
        .filter(({ processes }) => processes.length > 0)
        .map((sample) => [sample.at, ownMemory(sample)] as const),
    },
    ...byProcess(samples, ({ memoryMB }) => memoryMB),
  ],
  ...limit(limits.memoryMB, 'MB'),
});

const limit = (value: number | undefined, unit: string): Pick<Plot, 'limit'> =>
  value === undefined ? {} : { limit: { label: `target: ${value} ${unit}`, value } };

const over = (
  intervals: readonly LoadInterval[],
  name: string,
  value: (interval: LoadInterval) => number,
): Series => ({ name, points: intervals.map((interval) => [interval.at, value(interval)] as const) });

const byProcess = (
  samples: readonly Sample[],
  value: (process: Sample['processes'][number]) => number,
): readonly Series[] => {
  const names = [...new Set(samples.flatMap(({ processes }) => processes.map(({ process }) => process)))];
  return names.map((name) => ({
    name,
    points: samples.flatMap(({ at, processes }) =>
      processes.filter(({ process }) => process === name).map((process) => [at, value(process)] as const),
    ),
  }));
};
