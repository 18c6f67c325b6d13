/** The limits of every request. Bots see them in `ready.limits`. */
export const LIMITS = {
  /** `body` and `data` together, in bytes of UTF-8. */
  messageBytes: 10 * 1024,
  /** How deeply lists and objects in `data` may be nested. Parsers in every language can read this depth. */
  dataDepth: 100,
  historyMessages: 200,
  listItems: 200,
  /** How many backlog batches of a channel may be unacknowledged. */
  backlogWindow: 2,
  /** The largest frame, in bytes. */
  frameBytes: 64 * 1024,
  /** The largest polling payload, and the largest frame that still gets an error as its answer, in bytes. */
  payloadBytes: 16 * 1024 * 1024,
  /**
   * How many requests of a connection may be in progress. Further ones are not read until one is answered.
   */
  requestsUnderWay: 256,
} as const;

/** The limits that a bot is told: the fixed ones, and those that the operator has set. */
export type ToldLimits = typeof LIMITS &
  Readonly<{
    requestsPerSecond: number;
    requestsAtOnce: number;
    consumers: number;
  }>;
