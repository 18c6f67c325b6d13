import type { Row } from '../../report/hardening-report.js';
import { below, notRun, reportedRow } from '../../report/judge.js';
import { exactRows, growth, ofSettled, sentRows } from '../load/load-rows.js';
import { ownFiles, ownMemory, type Observed, type Sample } from '../under-load/observed.js';
import { middle, trendOf, windowed, type Point, type Trend } from '../under-load/trend.js';

export const PAUSE_MS = 200;
const SLOPE_MB_PER_MINUTE = 0.2;
const DRIFT_PERCENT = 20;
const BACK_WITHIN_PERCENT = 5;
/** Share of the time that is left out before the slope is computed: 5 minutes of 30. */
const SETTLING_SHARE = 1 / 6;
/** Number of windows into which the memory samples are grouped: 30 s each in 30 minutes. */
const WINDOWS = 60;

/** Compares what was seen in the soak with the targets. */
export const soakRows = (observed: Observed): readonly Row[] => [
  ...sentRows('soak', observed),
  ...exactRows('soak', observed),
  drift(observed),
  pauses(observed),
  ...memoryRows(observed),
];

/** Memory of Verbatim's own processes without file pages, in windows: [minute, MB], without the first minutes. */
export const memorySeries = (observed: Observed): readonly Point[] =>
  seriesOf(observed, (sample) => ownMemory(sample) - ownFiles(sample));

const seriesOf = ({ samples, seconds }: Observed, of: (sample: Sample) => number): readonly Point[] => {
  const points = samples.map((sample) => [sample.at / 60, of(sample)] as const);
  const settled = (seconds / 60) * SETTLING_SHARE;
  return windowed(points, seconds / 60 / WINDOWS).filter(([minute]) => minute >= settled);
};

/** Whether memory has grown: the trend is over the target, and so is its lower bound, which rules out noise. */
const hasGrown = ({ slope, low }: Trend): boolean =>
  !(slope < SLOPE_MB_PER_MINUTE || low < SLOPE_MB_PER_MINUTE);

const memoryRows = (observed: Observed): readonly Row[] => {
  const slopeRow = {
    id: 'soak.slope',
    what: 'Growth of memory, after the first sixth of the time',
    predecessor: '282 MB from 256 MB',
  };
  const target = `< ${SLOPE_MB_PER_MINUTE} MB/min`;
  const back = {
    id: 'soak.memory-back',
    what: 'Memory afterwards, over the baseline (both after garbage collection)',
  };
  const { settled } = observed;
  if (!settled) {
    const why = 'the server runs elsewhere, so its processes can’t be seen';
    return [
      notRun({ ...slopeRow, target, why }),
      notRun({ ...back, target: `< ${BACK_WITHIN_PERCENT} %`, why }),
    ];
  }
  const trend = trendOf(memorySeries(observed));
  return [
    {
      ...slopeRow,
      value: trend.slope,
      unit: 'MB/min',
      measured: `${trend.slope.toFixed(2)} MB/min`,
      target,
      verdict: hasGrown(trend) ? 'missed' : 'met',
      why: `between ${trend.low.toFixed(2)} and ${trend.high.toFixed(2)} at 95 %`,
    },
    reportedRow({
      id: 'soak.files',
      what: 'Growth of file pages in memory, such as those of the store’s index',
      value: trendOf(seriesOf(observed, ownFiles)).slope,
      unit: 'MB/min',
    }),
    {
      ...below(BACK_WITHIN_PERCENT, { ...back, value: growth(settled), unit: '%' }),
      why: ofSettled(settled),
    },
  ];
};

/** Compares the last third of the time with the first. */
const drift = ({ intervals, seconds }: Observed): Row => {
  const median = (from: number, until: number): number =>
    middle(
      intervals
        .filter(({ at }) => at > from && at <= until)
        .map(({ delivery }) => delivery.p50)
        .toSorted((one, other) => one - other),
    );
  const [first, last] = [median(0, seconds / 3), median((2 * seconds) / 3, seconds)];
  return {
    ...below(DRIFT_PERCENT, {
      id: 'soak.drift',
      what: 'Drift of delivery latency, last third against first',
      value: (100 * (last - first)) / first,
      unit: '%',
    }),
    why: `p50 ${first.toFixed(2)} ms, then ${last.toFixed(2)} ms`,
  };
};

const pauses = ({ samples }: Observed): Row => {
  const seen = samples.map(({ pauseMs }) => pauseMs).filter((pauseMs) => pauseMs !== undefined);
  const row = { id: 'soak.pause', what: 'Event loop held up, longest' };
  if (seen.length === 0)
    return notRun({ ...row, target: `< ${PAUSE_MS} ms`, why: 'the server’s metrics can’t be read' });
  return below(PAUSE_MS, { ...row, value: Math.max(...seen), unit: 'ms' });
};
