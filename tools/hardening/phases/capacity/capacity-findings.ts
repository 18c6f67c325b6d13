import type { LoadResult } from '#tools/harness/load/load-plan.js';
import type { Findings, Plot, Row, Table } from '../../report/hardening-report.js';
import { exactly, holds, notRun, reportedRow } from '../../report/judge.js';
import { figure } from '../../report/text/figures.js';
import { failuresOf, isGeneratorLimit, isInTime, P99_MS } from './probe.js';
import type { Probe } from './probe.js';
import type { Search } from './search.js';
import { FORMULAS, sizingAt } from './sizing.js';
import type { Costs } from './sizing.js';

export type Searched = Readonly<{ found: Search; probes: readonly Probe[] }>;

/** Everything that the phase saw. */
export type CapacityObserved = Readonly<{
  rate: Searched;
  connections: Searched;
  /** The load in which disk and CPU were measured. Undefined, like the costs, when the server runs elsewhere. */
  costLoad?: Probe;
  costs?: Costs;
}>;

const UNSEEN = 'the server runs elsewhere, so its processes and folders can’t be seen';
const RATES = [1_000, 5_000, 50_000];
/** Slower probes appear only in the table: in the plot they would squeeze the others to a flat line. */
const PLOTTED_MS = 4 * P99_MS;

/** Returns the rows of the report: each figure that was found, with its target if it has one. */
export const capacityRows = ({ rate, connections, costLoad, costs }: CapacityObserved): readonly Row[] => [
  foundRow(rate, {
    id: 'capacity.rate',
    what: `Highest rate with p99 of delivery and acknowledgement < ${P99_MS} ms`,
    unit: 'messages/s',
  }),
  foundRow(connections, {
    id: 'capacity.connections',
    what: `Most connections, each sending 1 message/s, within the same limit`,
    unit: 'connections',
  }),
  ...exactRows([...rate.probes, ...connections.probes, ...(costLoad ? [costLoad] : [])]),
  ...costRows(costs),
];

type Looked = Readonly<{ id: string; what: string; unit: string }>;

const foundRow = ({ found, probes }: Searched, looked: Looked): Row => {
  const limits = probes.filter((probe) => failuresOf(probe).length > 0);
  if (found.held === 0)
    return holds(false, {
      ...looked,
      measured: 'none',
      target: 'any at all',
      why: limits.flatMap(failuresOf).at(-1) ?? 'nothing was probed',
    });
  return { ...reportedRow({ ...looked, value: found.held }), why: limitOf(found, limits, looked) };
};

/** Says what stood in the way of a higher value. */
const limitOf = ({ held, failed }: Search, limits: readonly Probe[], { id, unit }: Looked): string => {
  if (failed === undefined) return `nothing failed up to ${figure(held)} ${unit}: the limit is higher`;
  const valueOf = (probe: Probe): number => (id === 'capacity.rate' ? probe.rate : probe.bots);
  const lowest = limits.find((probe) => valueOf(probe) === failed)!;
  const reason = `at ${figure(failed)}: ${failuresOf(lowest).join(', ')}`;
  const isGenerator = isGeneratorLimit(lowest) && isInTime(lowest);
  return isGenerator ? `${reason}; the generator set the limit, so the server’s is higher` : reason;
};

/**
 * Order and completeness must hold under any load: being slow is no excuse for a gap or a repeat. In a slow probe, a
 * message that did not come may only be late, so losses are counted only in the probes that were in time.
 */
const exactRows = (probes: readonly Probe[]): readonly Row[] => {
  const carriedOut = probes.filter(({ load }) => load !== undefined);
  const inTime = probes.filter(isInTime);
  const unit = 'messages';
  return [
    exactly(0, {
      id: 'capacity.gaps',
      what: `Gaps in what bots received, in all ${carriedOut.length} probes`,
      value: sumOf(carriedOut, ({ gaps }) => gaps),
      unit,
    }),
    exactly(0, {
      id: 'capacity.repeats',
      what: `Messages that a bot received twice, in all ${carriedOut.length} probes`,
      value: sumOf(carriedOut, ({ repeats }) => repeats),
      unit,
    }),
    exactly(0, {
      id: 'capacity.lost',
      what: `Messages lost, in the ${inTime.length} probes that were in time`,
      value: sumOf(inTime, ({ undelivered, unanswered }) => Math.max(0, undelivered) + unanswered),
      unit,
    }),
  ];
};

/** @returns NaN when there are no probes, because nothing seen proves nothing */
const sumOf = (probes: readonly Probe[], count: (load: LoadResult) => number): number =>
  probes.length === 0 ? Number.NaN : probes.reduce((sum, { load }) => sum + (load ? count(load) : 0), 0);

const costRows = (costs: Costs | undefined): readonly Row[] => {
  const rows = [
    ['capacity.disk-event-store', 'Disk per message, event store', 'bytes', costs?.eventStoreBytesPerMessage],
    ['capacity.disk-postgres', 'Disk per message, PostgreSQL', 'bytes', costs?.postgresBytesPerMessage],
    ['capacity.cpu', 'CPU per 1,000 messages, all processes of Verbatim', 's', costs?.cpuSecondsPerThousand],
    ['capacity.memory', 'Memory per connection', 'KB', costs && costs.memoryPerConnectionMB * 1_000],
  ] as const;
  return rows.map(([id, what, unit, value]) =>
    value === undefined
      ? notRun({ id, what, target: 'to be measured', why: UNSEEN })
      : reportedRow({ id, what, unit, value }),
  );
};

const capacityTables = ({ rate, connections, costLoad, costs }: CapacityObserved): readonly Table[] => [
  {
    title: 'Probes',
    columns: [
      'bots',
      'messages/s',
      'acknowledgement p99',
      'delivery p99',
      'generator late p99',
      'CPU per 1,000',
      'held',
    ],
    rows: [...rate.probes, ...connections.probes, ...(costLoad ? [costLoad] : [])].map(probeCells),
    note: 'Latencies in ms, CPU in seconds. Server, stores and generator shared this machine. Disk and CPU were measured in the last probe.',
  },
  ...(costs ? [sizingTable(costs)] : []),
];

const probeCells = (probe: Probe): readonly string[] => {
  const { bots, rate, load, cpuPerThousand } = probe;
  const failures = failuresOf(probe);
  return [
    figure(bots),
    figure(rate),
    figure(load?.acknowledgement.p99 ?? Number.NaN),
    figure(load?.delivery.p99 ?? Number.NaN),
    figure(load?.lateness.p99 ?? Number.NaN),
    figure(cpuPerThousand ?? Number.NaN),
    failures.length === 0 ? 'yes' : `no: ${failures.join(', ')}`,
  ];
};

const sizingTable = (costs: Costs): Table => ({
  title: 'What this implies',
  columns: [
    'messages/s',
    'connections',
    'event store, GB a day',
    'PostgreSQL, GB a day',
    'cores',
    'gateways',
    'memory, MB',
  ],
  rows: RATES.map((each) => {
    const sized = sizingAt(each, costs);
    return [
      sized.rate,
      sized.rate,
      sized.eventStoreGBPerDay,
      sized.postgresGBPerDay,
      sized.cores,
      sized.gateways,
      sized.memoryMB,
    ].map(figure);
  }),
  note: `${FORMULAS.join('; ')}. Measured: ${measuredIn(costs)}. All values are scaled in proportion from what this machine did, with messages of 100 bytes, each delivered to 10 bots; nothing of that size was tested.`,
});

const measuredIn = (costs: Costs): string =>
  [
    `${figure(costs.heldRate)} messages/s held`,
    `${figure(costs.eventStoreBytesPerMessage)} and ${figure(costs.postgresBytesPerMessage)} bytes per message`,
    `${figure(costs.cpuSecondsPerThousand)} s of CPU per 1,000`,
    `${figure(costs.memoryBaseMB)} MB without connections`,
    `${figure(costs.memoryPerConnectionMB * 1_000)} KB per connection`,
  ].join(', ');

const capacityPlots = ({ rate, connections }: CapacityObserved): readonly Plot[] => [
  latencyPlot('capacity.rate', 'Latency by rate, 100 bots', 'messages/s', rate.probes, ({ rate: at }) => at),
  latencyPlot(
    'capacity.connections',
    'Latency by connections, 1 message/s each',
    'connections',
    connections.probes,
    ({ bots }) => bots,
  ),
];

const latencyPlot = (
  id: string,
  title: string,
  along: string,
  probes: readonly Probe[],
  at: (probe: Probe) => number,
): Plot => {
  const ordered = probes.toSorted((one, other) => at(one) - at(other));
  const series = (['acknowledgement', 'delivery'] as const).map((name) => ({
    name,
    points: ordered
      .map((probe) => [at(probe), probe.load?.[name].p99 ?? Number.NaN] as const)
      .filter(([, p99]) => !(p99 > PLOTTED_MS)),
  }));
  return { id, title, unit: 'ms, p99', along, series, limit: { label: `${P99_MS} ms`, value: P99_MS } };
};

export const capacityFindings = (did: readonly string[], observed: CapacityObserved): Findings => ({
  did,
  rows: capacityRows(observed),
  plots: capacityPlots(observed),
  tables: capacityTables(observed),
});
