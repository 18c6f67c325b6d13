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
} as const;
