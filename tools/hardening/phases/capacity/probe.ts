import type { LoadResult } from '#tools/harness/load/load-plan.js';
import { figure } from '../../report/text/figures.js';

/** A short load, and what it did. */
export type Probe = Readonly<{
  bots: number;
  /** Messages a second of all bots together. */
  rate: number;
  seconds: number;
  /** Undefined: it could not be carried out, `trouble` says why. */
  load?: LoadResult;
  trouble?: string;
  /** CPU seconds a thousand messages cost, of all of Verbatim's processes; undefined if they can't be seen. */
  cpuPerThousand?: number;
}>;

export const P99_MS = 250;
/** A generator that is later than this at p99, or that did not send this part, has not made the load it was to make. */
const LATE_MS = 50;
const SENT_SHARE = 0.99;

/** Why a probe did not hold, in words; none if it held. */
export const failuresOf = (probe: Probe): readonly string[] => {
  const { load } = probe;
  if (load === undefined) return [probe.trouble ?? 'it could not be carried out'];
  const refused = Object.entries(load.refused).map(
    ([code, count]) => `${figure(count)} posts refused: ${code}`,
  );
  return [
    ...slow('acknowledgement', load.acknowledgement.p99),
    ...slow('delivery', load.delivery.p99),
    ...refused,
    ...some(load.unanswered, 'posts never answered'),
    ...some(load.undelivered, 'deliveries never came'),
    ...some(load.gaps, 'messages skipped'),
    ...some(load.repeats, 'messages repeated'),
    ...some(load.disconnects, 'connections dropped'),
    ...(isGeneratorLimit(probe)
      ? [`the load generator was late itself, p99 ${figure(load.lateness.p99)} ms`]
      : []),
  ];
};

/** Whether the generator could not make the load: what it measured is then no limit of the server. */
export const isGeneratorLimit = ({ load, rate, seconds }: Probe): boolean =>
  load !== undefined && !(load.lateness.p99 < LATE_MS && load.sent >= SENT_SHARE * rate * seconds);

/** Whether both latencies are under the limit: only the amount of load is then in question, not the time to settle it. */
export const isInTime = ({ load }: Probe): boolean =>
  load !== undefined && load.acknowledgement.p99 < P99_MS && load.delivery.p99 < P99_MS;

/** What is no number has not been measured, and is no success. */
const slow = (what: string, p99: number): string[] =>
  p99 < P99_MS ? [] : [`${what} p99 ${Number.isFinite(p99) ? `${figure(p99)} ms` : 'not measured'}`];

const some = (count: number, what: string): string[] => (count > 0 ? [`${figure(count)} ${what}`] : []);
