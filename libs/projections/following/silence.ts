/**
 * Milliseconds. A projection that runs writes each second that it lives; one silent for longer than this is lagging by its
 * silence, be it gone, cut off from PostgreSQL, or held up by a query.
 */
export const SILENCE_MS = 5_000;
