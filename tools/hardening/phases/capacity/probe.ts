import type { LoadResult } from '#tools/harness/load/load-plan.js';
import { figure } from '../../report/text/figures.js';

/** A short load and its outcome. */
export type Probe = Readonly<{
  bots: number;
  /** Messages a second of all bots together. */
  rate: number;
  seconds: number;
  /** Undefined if the load could not be carried out; `trouble` says why. */
  load?: LoadResult;
  trouble?: string;
  /** CPU seconds of all of Verbatim's processes per thousand messages; undefined if the processes can't be seen. */
  cpuPerThousand?: number;
}>;

export const P99_MS = 250;
/** A generator whose p99 lateness reaches this, or that sent less than this share, did not produce the planned load. */
const LATE_MS = 50;
const SENT_SHARE = 0.99;

/** Returns the reasons why a probe did not hold, in words; empty if it held. */
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
      ? [`the load generator itself was late, p99 ${figure(load.lateness.p99)} ms`]
      : []),
  ];
};

/** Whether the generator could not produce the load: what it measured is then not a limit of the server. */
export const isGeneratorLimit = ({ load, rate, seconds }: Probe): boolean =>
  load !== undefined && !(load.lateness.p99 < LATE_MS && load.sent >= SENT_SHARE * rate * seconds);

/** Whether both latencies are under the limit. A message that did not come is then lost, and not only late. */
export const isInTime = ({ load }: Probe): boolean =>
  load !== undefined && load.acknowledgement.p99 < P99_MS && load.delivery.p99 < P99_MS;

/** NaN means that the latency was not measured, which is not a success. */
const slow = (what: string, p99: number): string[] =>
  p99 < P99_MS ? [] : [`${what} p99 ${Number.isFinite(p99) ? `${figure(p99)} ms` : 'not measured'}`];

const some = (count: number, what: string): string[] => (count > 0 ? [`${figure(count)} ${what}`] : []);
