import { below, exactly, holds, notRun, reportedRow } from '../../report/judge.js';
import type { Row } from '../../report/hardening-report.js';
import { ownMemory, type Observed } from '../under-load/observed.js';

export const MEMORY_MB = 400;
export const ACKNOWLEDGEMENT_MS = 100;
const BACK_WITHIN_PERCENT = 10;
/** Share of the planned messages that must be sent; with less, the load was not the one that the report describes. */
const SENT_PERCENT = 99;

/** Compares what was seen under the high load with the targets. */
export const loadRows = (observed: Observed): readonly Row[] => [
  ...sentRows('load', observed),
  ...exactRows('load', observed),
  below(ACKNOWLEDGEMENT_MS, {
    id: 'load.acknowledgement',
    what: 'Acknowledgement, p99',
    value: observed.load.acknowledgement.p99,
    unit: 'ms',
    predecessor: '< 500 ms',
  }),
  reportedRow({
    id: 'load.acknowledgement-mean',
    what: 'Acknowledgement, mean',
    value: observed.load.acknowledgement.mean,
    unit: 'ms',
    predecessor: '350 ms',
  }),
  reportedRow({
    id: 'load.delivery',
    what: 'Delivery to all members, p99',
    value: observed.load.delivery.p99,
    unit: 'ms',
  }),
  ...memoryRows(observed),
];

/** Rows that show whether the load was as planned. */
export const sentRows = (phase: string, { rate, seconds, load, intervals }: Observed): readonly Row[] => {
  const sent = intervals.reduce((sum, interval) => sum + interval.sent, 0);
  const percent = (100 * sent) / (rate * seconds);
  return [
    holds(percent >= SENT_PERCENT, {
      id: `${phase}.sent`,
      what: 'Messages sent, of those planned',
      measured: `${sent} (${percent.toFixed(1)} %)`,
      target: `≥ ${SENT_PERCENT} % of ${rate * seconds}`,
    }),
    reportedRow({
      id: `${phase}.lateness`,
      what: 'Lateness of the load generator itself, p99',
      value: load.lateness.p99,
      unit: 'ms',
    }),
  ];
};

/** Rows that show whether anything was refused, lost, repeated or disconnected. */
export const exactRows = (phase: string, { load }: Observed): readonly Row[] => {
  const refused = Object.values(load.refused).reduce((sum, count) => sum + count, 0);
  const errors = refused + load.unanswered;
  const codes = Object.entries(load.refused).map(([code, count]) => `${code}: ${count}`);
  return [
    {
      ...exactly(0, {
        id: `${phase}.errors`,
        what: 'Error rate (refused or never answered)',
        value: (100 * errors) / (load.sent || Number.NaN),
        unit: '%',
        ...(phase === 'load' ? { predecessor: '0.02 %' } : {}),
      }),
      ...(errors > 0 ? { why: [...codes, `never answered: ${load.unanswered}`].join(', ') } : {}),
    },
    exactly(0, {
      id: `${phase}.lost`,
      what: 'Deliveries that never came',
      // A post that timed out may have been stored all the same; then more deliveries come than expected.
      value: Math.max(0, load.undelivered),
      unit: '',
    }),
    exactly(0, { id: `${phase}.gaps`, what: 'Gaps in what bots received', value: load.gaps, unit: '' }),
    exactly(0, {
      id: `${phase}.repeats`,
      what: 'Messages that a bot received twice',
      value: load.repeats,
      unit: '',
    }),
    exactly(0, {
      id: `${phase}.disconnects`,
      what: 'Connections dropped',
      value: load.disconnects,
      unit: '',
    }),
  ];
};

const memoryRows = ({ samples, settled }: Observed): readonly Row[] => {
  const memory = {
    id: 'load.memory',
    what: 'Memory of Verbatim’s own processes, maximum',
    predecessor: '512 MB',
  };
  const back = {
    id: 'load.memory-back',
    what: 'Memory afterwards, over the baseline (both after garbage collection)',
  };
  if (!settled) {
    const why = 'the server runs elsewhere, so its processes can’t be seen';
    return [
      notRun({ ...memory, target: `< ${MEMORY_MB} MB`, why }),
      notRun({ ...back, target: `< ${BACK_WITHIN_PERCENT} %`, why }),
    ];
  }
  return [
    below(MEMORY_MB, {
      ...memory,
      value: samples.reduce(
        (most, sample) => Math.max(most, ownMemory(sample)),
        samples.length > 0 ? 0 : Number.NaN,
      ),
      unit: 'MB',
    }),
    {
      ...below(BACK_WITHIN_PERCENT, { ...back, value: growth(settled), unit: '%' }),
      why: ofSettled(settled),
    },
  ];
};

/** Growth of memory in percent of the memory before. */
export const growth = ({ before, after }: NonNullable<Observed['settled']>): number =>
  (100 * (after - before)) / before;

export const ofSettled = ({ before, after }: NonNullable<Observed['settled']>): string =>
  `${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after`;
