import type { Spread } from '../measure/statistics.js';

/** The orders for a load process. The same for every server that is compared. */
export type LoadPlan = Readonly<{
  url: string;
  bots: readonly Readonly<{ auth: object; channel: string }>[];
  /** Messages a second of all bots together, each bot in turn. 0 means as fast as the server answers. */
  rate: number;
  /** Number of posts under way per bot while the rate is 0. */
  pipeline: number;
  warmUpSeconds: number;
  seconds: number;
  bodyBytes: number;
  /** By default no intervals are reported, only the result. */
  intervalSeconds?: number;
}>;

/**
 * The results of a load. `sent`, `acknowledged` and the spreads cover the measured time only; whatever goes wrong is counted
 * over the whole run. Times are in ms.
 */
export type LoadResult = Readonly<{
  sent: number;
  acknowledged: number;
  /** Number of refusals by error code. */
  refused: Readonly<Record<string, number>>;
  disconnects: number;
  gaps: number;
  repeats: number;
  undelivered: number;
  /** Posts that were neither accepted nor refused. */
  unanswered: number;
  delivery: Spread;
  acknowledgement: Spread;
  /** How late messages left, compared with the plan. If large, the generator is at its limit and measures itself. */
  lateness: Spread;
}>;

/** Everything that happened in one interval, including the warm-up. */
export type LoadInterval = Readonly<{
  /** The end of the interval, in seconds since the load began. */
  at: number;
  sent: number;
  acknowledged: number;
  refused: number;
  delivered: number;
  disconnects: number;
  delivery: Spread;
  acknowledgement: Spread;
}>;

export type ToParent =
  | Readonly<{ type: 'measuring' }>
  | Readonly<{ type: 'interval'; interval: LoadInterval }>
  | Readonly<{ type: 'done'; result: LoadResult }>;
