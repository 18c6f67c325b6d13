import type { Health, HealthReport } from './health.registry.js';

/** The most bytes that the answer of a probe may have as JSON if something is not ready. Some probes read no further. */
export const REPORT_BYTES = 1_024;
/** The same if everything is ready: details are then for people, who read all of it. */
export const READY_REPORT_BYTES = 4_096;

/**
 * Returns the report, shortened if it has more bytes as JSON: long details are cut first, all to the same length. If
 * names alone are too many, components that are well are left out first, and then the last ones that are not.
 */
export const boundedReport = (
  report: HealthReport,
  most = report.ready ? READY_REPORT_BYTES : REPORT_BYTES,
): HealthReport => {
  if (bytesOf(report) <= most) return report;
  const longest = Math.max(0, ...Object.values(report.components).map(({ detail = '' }) => detail.length));
  let [fits, tooLong] = [-1, longest];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (bytesOf(withDetailsOf(report, middle)) <= most) fits = middle;
    else tooLong = middle;
  }
  return fits < 0 ? withFewer(withDetailsOf(report, 0), most) : withDetailsOf(report, fits);
};

const bytesOf = (report: HealthReport): number => Buffer.byteLength(JSON.stringify(report));

const withDetailsOf = ({ ready, components }: HealthReport, length: number): HealthReport => ({
  ready,
  components: Object.fromEntries(
    Object.entries(components).map(([name, health]) => [name, shortened(health, length)]),
  ),
});

const shortened = (health: Health, length: number): Health => {
  const { ready, detail } = health;
  if (detail === undefined || detail.length <= length) return health;
  if (length === 0) return { ready };
  const whole = detail.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, ''); // no half of a pair of surrogates
  return { ready, detail: `${whole}…` };
};

const withFewer = ({ ready, components }: HealthReport, most: number): HealthReport => {
  const kept: Record<string, Health> = {};
  const worstFirst = Object.entries(components).toSorted(
    ([, one], [, other]) => Number(one.ready) - Number(other.ready),
  );
  for (const [name, health] of worstFirst) {
    if (bytesOf({ ready, components: { ...kept, [name]: health } }) > most) break;
    kept[name] = health;
  }
  return { ready, components: kept };
};
