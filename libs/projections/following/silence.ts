/**
 * Milliseconds. A running projection writes each second that it is alive. If it is silent for longer than this, the
 * silence counts as its lag: it may have ended, be cut off from PostgreSQL, or be held up by a query.
 */
export const SILENCE_MS = 5_000;
