import type { Row } from '../../report/hardening-report.js';
import { below, notRun, told } from '../../report/judge.js';
import { exactRows, growth, ofSettled, sentRows } from '../load/load-rows.js';
import { ownFiles, ownMemory, type Observed, type Sample } from '../under-load/observed.js';
import { middle, trendOf, windowed, type Point, type Trend } from '../under-load/trend.js';

export const PAUSE_MS = 200;
const SLOPE_MB_PER_MINUTE = 0.2;
const DRIFT_PERCENT = 20;
const BACK_WITHIN_PERCENT = 5;
/** Of the time, before it is looked at for a slope: 5 minutes of 30. */
const SETTLING_SHARE = 1 / 6;
/** Memory is looked at so many times: every 30 s of 30 minutes. */
const WINDOWS = 60;

/** Holds what was seen in the soak against its targets. */
export const soakRows = (observed: Observed): readonly Row[] => [
  ...sentRows('soak', observed),
  ...exactRows('soak', observed),
  drift(observed),
  pauses(observed),
  ...memoryRows(observed),
];

/** What Verbatim's own processes hold of memory over time, in windows: [minute, MB], the first minutes left out. */
export const memorySeries = (observed: Observed): readonly Point[] =>
  seriesOf(observed, (sample) => ownMemory(sample) - ownFiles(sample));

const seriesOf = ({ samples, seconds }: Observed, of: (sample: Sample) => number): readonly Point[] => {
  const points = samples.map((sample) => [sample.at / 60, of(sample)] as const);
  const settled = (seconds / 60) * SETTLING_SHARE;
  return windowed(points, seconds / 60 / WINDOWS).filter(([minute]) => minute >= settled);
};

/** Grown: the trend is over the target, and noise alone would not look like that. */
const hasGrown = ({ slope, low }: Trend): boolean =>
  !(slope < SLOPE_MB_PER_MINUTE || low < SLOPE_MB_PER_MINUTE);

const memoryRows = (observed: Observed): readonly Row[] => {
  const slopeRow = {
    id: 'soak.slope',
    what: 'Growth of memory, after the first sixth of the time',
    predecessor: '282 MB from 256 MB',
  };
  const target = `< ${SLOPE_MB_PER_MINUTE} MB/min`;
  const back = { id: 'soak.memory-back', what: 'Memory after, over the baseline (both collected)' };
  const { settled } = observed;
  if (!settled) {
    const why = 'processes of a server elsewhere can’t be seen';
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
    told({
      id: 'soak.files',
      what: 'Growth of the pages of files in memory, as of the store’s index',
      value: trendOf(seriesOf(observed, ownFiles)).slope,
      unit: 'MB/min',
    }),
    {
      ...below(BACK_WITHIN_PERCENT, { ...back, value: growth(settled), unit: '%' }),
      why: ofSettled(settled),
    },
  ];
};

/** The last third of the time beside the first. */
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
      what: 'Drift of delivery latency, last third beside first',
      value: (100 * (last - first)) / first,
      unit: '%',
    }),
    why: `p50 ${first.toFixed(2)} ms, then ${last.toFixed(2)} ms`,
  };
};

const pauses = ({ samples }: Observed): Row => {
  const seen = samples.map(({ pauseMs }) => pauseMs).filter((pauseMs) => pauseMs !== undefined);
  const row = { id: 'soak.pause', what: 'Event loop held up, most' };
  if (seen.length === 0)
    return notRun({ ...row, target: `< ${PAUSE_MS} ms`, why: 'the server shows its metrics to nobody here' });
  return below(PAUSE_MS, { ...row, value: Math.max(...seen), unit: 'ms' });
};
