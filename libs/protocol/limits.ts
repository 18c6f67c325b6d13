/** What every request is held to, shown to bots in `ready.limits`. */
export const LIMITS = {
  /** `body` and `data` together, in bytes of UTF-8. */
  messageBytes: 10 * 1024,
  historyMessages: 200,
  listItems: 200,
  /** Unacknowledged backlog batches a channel. */
  backlogWindow: 2,
} as const;
