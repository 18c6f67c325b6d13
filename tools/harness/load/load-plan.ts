import type { Spread } from '../measure/statistics.js';

/** What a load process is told to do. Alike for every server that is compared. */
export type LoadPlan = Readonly<{
  url: string;
  bots: readonly Readonly<{ auth: object; channel: string }>[];
  /** Messages a second of all bots together, each bot in its turn; 0: as many as are answered. */
  rate: number;
  /** Posts under way a bot while the rate is 0. */
  pipeline: number;
  warmUpSeconds: number;
  seconds: number;
  bodyBytes: number;
  /** Default: no intervals are told, only the result. */
  intervalSeconds?: number;
}>;

/** What it found, while it was measured; times in ms. */
export type LoadResult = Readonly<{
  sent: number;
  acknowledged: number;
  /** Over all of the run. */
  refused: Readonly<Record<string, number>>;
  disconnects: number;
  gaps: number;
  repeats: number;
  undelivered: number;
  /** Posts that neither were taken nor refused. */
  unanswered: number;
  delivery: Spread;
  acknowledgement: Spread;
  /** How late a message left against the plan: a generator at its limits would measure itself. */
  lateness: Spread;
}>;

/** What happened in a piece of the time: everything, the warm-up as well. */
export type LoadInterval = Readonly<{
  /** When it ended, in seconds since the load began. */
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
