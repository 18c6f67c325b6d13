import { below, exactly, reportedRow } from '#tools/hardening/report/judge.js';
import type { PhaseReport } from '#tools/hardening/report/hardening-report.js';
import { phaseReport, swinging } from './phase-report.js';

export const loadPhase = (): PhaseReport =>
  phaseReport({
    did: [
      'Started Verbatim with its embedded engines and connected 100 bots, 10 to each of 10 channels.',
      'Posted 1,000 messages a second for 30 min from a process of its own; each message was delivered to 10 bots.',
      'Read memory and CPU of each server process from the operating system every second.',
    ],
    rows: [
      below(400, {
        id: 'load.memory',
        what: 'Memory over all of Verbatim’s own Node processes, highest',
        value: 318.4,
        unit: 'MB',
        predecessor: '512 MB',
      }),
      exactly(0, {
        id: 'load.errors',
        what: 'Posts refused or unanswered',
        value: 0,
        unit: 'posts',
        predecessor: '0.02 %',
      }),
      below(100, {
        id: 'load.ack-p99',
        what: 'Acknowledgement, 99th percentile',
        value: 131.7,
        unit: 'ms',
        predecessor: '< 500 ms; mean 350 ms',
      }),
      exactly(0, { id: 'load.disconnects', what: 'Dropped connections', value: 0, unit: 'connections' }),
      reportedRow({
        id: 'load.ack-mean',
        what: 'Acknowledgement, median',
        value: 3.1,
        unit: 'ms',
        predecessor: 'mean 350 ms',
      }),
      below(10, {
        id: 'load.memory-back',
        what: 'Memory afterwards over the baseline',
        value: 4.2,
        unit: '%',
      }),
    ],
    plots: [
      {
        id: 'load.memory',
        title: 'Memory of Verbatim’s own Node processes',
        unit: 'MB',
        series: [
          { name: 'all', points: swinging(1_860, 1, [285, 25, 10]) },
          { name: 'Verbatim', points: swinging(1_860, 1, [205, 20, 6]) },
          { name: 'event store', points: swinging(1_860, 1, [80, 6, 4]) },
        ],
        limit: { label: 'target < 400 MB', value: 400 },
        marks: [{ at: 1_830, label: 'load ends' }],
      },
      {
        id: 'load.cpu',
        title: 'CPU',
        unit: '% of one core',
        series: [
          { name: 'Verbatim', points: swinging(1_860, 1, [71, 9]) },
          { name: 'event store', points: swinging(1_860, 1, [44, 7]) },
          { name: 'PostgreSQL', points: swinging(1_860, 1, [12, 4]) },
          { name: 'load generator', points: swinging(1_860, 1, [38, 4]) },
        ],
      },
      {
        id: 'load.latency',
        title: 'Acknowledgement',
        unit: 'ms',
        series: [
          { name: 'p50', points: swinging(180, 10, [3, 0.6]) },
          { name: 'p99', points: swinging(180, 10, [60, 38]) },
          { name: 'max', points: swinging(180, 10, [130, 60]) },
        ],
        limit: { label: 'target for the p99 < 100 ms', value: 100 },
      },
      {
        id: 'load.throughput',
        title: 'Messages acknowledged',
        unit: 'messages/s',
        series: [{ name: 'acknowledged', points: swinging(1_860, 1, [1_000, 6]) }],
      },
    ],
    tables: [
      {
        title: 'Processes, averages under load',
        columns: ['process', 'CPU, % of one core', 'memory, MB', 'processes'],
        rows: [
          ['Verbatim', '71', '205', '1'],
          ['event store', '44', '80', '1'],
          ['PostgreSQL', '12', '96', '9'],
          ['load generator', '38', '140', '1'],
        ],
        note: 'PostgreSQL and the load generator are no Node processes of Verbatim and do not count for the target.',
      },
    ],
  });

export const soakPhase = (): PhaseReport =>
  phaseReport({
    name: 'soak',
    title: 'Soak',
    startedAt: '2026-11-26T18:35:10.000Z',
    seconds: 1_875,
    did: [
      'Kept 50 bots talking at 500 messages a second for 30 min.',
      'Sampled every 30 s; the slope is taken after the first 5 min. Afterwards had the garbage collected and read memory again.',
    ],
    rows: [
      below(0.2, {
        id: 'soak.slope',
        what: 'Memory slope',
        value: 0.041,
        unit: 'MB/min',
        predecessor: '282 MB from 256 MB',
      }),
      below(20, { id: 'soak.drift', what: 'Latency drift', value: 3.4, unit: '%' }),
      below(200, { id: 'soak.pause', what: 'Longest pause of an event loop', value: 38.2, unit: 'ms' }),
      exactly(0, { id: 'soak.errors', what: 'Errors', value: 0, unit: 'errors' }),
    ],
    plots: [
      {
        id: 'soak.memory',
        title: 'Memory over the soak',
        unit: 'MB',
        series: [{ name: 'Verbatim and event store', points: swinging(60, 30, [255, 9, 2]) }],
        marks: [{ at: 300, label: 'slope taken from here' }],
      },
      {
        id: 'soak.pauses',
        title: 'Event-loop pauses, longest of each 30 s',
        unit: 'ms',
        series: [
          { name: 'gateway', points: swinging(60, 30, [21, 14]) },
          { name: 'event store', points: swinging(60, 30, [12, 5]) },
        ],
        limit: { label: 'target < 200 ms', value: 200 },
      },
    ],
  });

export const capacityPhase = (): PhaseReport =>
  phaseReport({
    name: 'capacity',
    title: 'Capacity',
    startedAt: '2026-11-26T19:06:30.000Z',
    seconds: 360,
    did: [
      'Looked by bisection for the highest rate that holds a p99 under 250 ms, and for the highest number of connections.',
    ],
    rows: [
      reportedRow({
        id: 'capacity.rate',
        what: 'Highest rate with a p99 under 250 ms',
        value: 2_800,
        unit: 'messages/s',
      }),
      exactly(0, {
        id: 'capacity.exact',
        what: 'Gaps, repeats and losses in the probes that held',
        value: 0,
        unit: 'messages',
      }),
    ],
    plots: [
      {
        id: 'capacity.rate',
        title: 'Latency of each probe',
        unit: 'ms, p99',
        along: 'messages/s',
        series: [
          {
            name: 'delivery',
            points: [
              [500, 9],
              [1_000, 31],
              [2_000, 88],
              [2_800, 214],
              [3_000, 302],
              [4_000, 1_800],
            ],
          },
          {
            name: 'acknowledgement',
            points: [
              [500, 7],
              [1_000, 22],
              [2_000, 61],
              [2_800, 180],
              [3_000, 260],
              [4_000, 1_500],
            ],
          },
        ],
        limit: { label: '250 ms', value: 250 },
      },
    ],
    tables: [
      {
        title: 'What it implies',
        columns: [
          'messages/s',
          'disk a day, event store',
          'disk a day, PostgreSQL',
          'cores',
          'memory',
          'gateways',
        ],
        rows: [
          ['1,000', '86.4 GB', '51.8 GB', '1.3', '318 MB', '1'],
          ['5,000', '432 GB', '259 GB', '6.4', '640 MB', '2'],
          ['50,000', '4.32 TB', '2.59 TB', '64', '6.4 GB', '18'],
        ],
        note: 'disk a day = bytes per message × messages/s × 86,400 s',
      },
    ],
  });
