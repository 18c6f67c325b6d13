/** Milliseconds without events after which a build that is level beats half as often. */
const QUIET_MS = 10_000;

/**
 * Returns the milliseconds until the next heartbeat, at the time `now`, of a build that got its last event `quietMs` ago.
 * All builds of a process beat in the same moments, so that the process wakes up once for all of them and they share
 * their questions. A beat that comes a little early does not make two of one.
 */
export const untilBeat = (heartbeatMs: number, quietMs: number, now: number): number => {
  const everyMs = quietMs < QUIET_MS ? heartbeatMs : 2 * heartbeatMs;
  const rest = everyMs - (now % everyMs);
  return rest < everyMs / 10 ? rest + everyMs : rest;
};
