/** What every request is held to, shown to bots in `ready.limits`. */
export const LIMITS = {
  /** `body` and `data` together, in bytes of UTF-8. */
  messageBytes: 10 * 1024,
  /** How deep lists and objects in `data` may be nested: what parsers in any language read. */
  dataDepth: 100,
  historyMessages: 200,
  listItems: 200,
  /** Unacknowledged backlog batches a channel. */
  backlogWindow: 2,
  /** The largest frame, in bytes. */
  frameBytes: 64 * 1024,
  /** The largest polling payload, and the largest frame that is refused with an answer, in bytes. */
  payloadBytes: 16 * 1024 * 1024,
  /** Requests of a connection that are under way at once; more are not read. */
  requestsUnderWay: 256,
} as const;

/** What a bot is told: those, and what the operator has set. */
export type ToldLimits = typeof LIMITS &
  Readonly<{
    requestsPerSecond: number;
    requestsAtOnce: number;
    consumers: number;
  }>;
