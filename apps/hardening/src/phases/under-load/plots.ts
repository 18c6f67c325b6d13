import type { LoadInterval } from '#libs/harness/load/load-plan.js';
import type { Plot, Series } from '../../report/hardening-report.js';
import type { Observed, Sample } from './observed.js';
import { ownMemory } from './observed.js';

/** What a load looked like over time. `limits`: targets to be drawn in the plots of their name. */
export const plotsOf = (
  phase: string,
  { samples, intervals }: Observed,
  limits: Readonly<{ memoryMB?: number; acknowledgementMs?: number; pauseMs?: number }>,
): readonly Plot[] => {
  const limit = (value: number | undefined, unit: string) =>
    value === undefined ? {} : { limit: { label: `target: ${value} ${unit}`, value } };
  const over = (name: string, value: (interval: LoadInterval) => number): Series => ({
    name,
    points: intervals.map((interval) => [interval.at, value(interval)] as const),
  });
  const latency: Plot = {
    id: `${phase}-latency`,
    title: 'Latency of each second',
    unit: 'ms',
    series: [
      over('acknowledgement p50', ({ acknowledgement }) => acknowledgement.p50),
      over('acknowledgement p99', ({ acknowledgement }) => acknowledgement.p99),
      over('delivery p50', ({ delivery }) => delivery.p50),
      over('delivery p99', ({ delivery }) => delivery.p99),
    ],
    ...limit(limits.acknowledgementMs, 'ms'),
  };
  const throughput: Plot = {
    id: `${phase}-throughput`,
    title: 'Messages of each second',
    unit: '/s',
    series: [over('sent', ({ sent }) => sent), over('acknowledged', ({ acknowledged }) => acknowledged)],
  };
  const memory: Plot = {
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
  };
  const cpu: Plot = {
    id: `${phase}-cpu`,
    title: 'CPU of the server’s processes (100 %: one core)',
    unit: '%',
    series: byProcess(samples, ({ cpuPercent }) => cpuPercent),
  };
  const pauses: Plot = {
    id: `${phase}-pauses`,
    title: 'Longest time the event loop was held up',
    unit: 'ms',
    series: [
      { name: 'Verbatim', points: samples.map(({ at, pauseMs }) => [at, pauseMs ?? Number.NaN] as const) },
    ],
    ...limit(limits.pauseMs, 'ms'),
  };
  return [latency, throughput, memory, cpu, pauses];
};

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
