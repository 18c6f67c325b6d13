import { LIMITS } from '#libs/protocol/limits.js';

export type IntakeLimits = Readonly<{
  /** Requests of a connection that may be under way before more are read. */
  requests: number;
  /** Unread answers, in bytes, beyond which no more requests are read, and how few there must be to go on. */
  unread: Readonly<{ most: number; goOn: number }>;
  /** Frames kept, in bytes, before the socket itself is not read any more. */
  held: number;
  /**
   * How long a sender may go on beyond what it may send, and what counts as having stopped, in milliseconds. Over polling it has to
   * hear of it before its client gives up the request that is not read (python-engineio after 5 s): it sends nothing more then.
   */
  patienceMs: Readonly<{ websocket: number; polling: number }>;
  calmMs: number;
  /** Shortest wait for the allowance to fill up again, in milliseconds. */
  pauseMs: number;
}>;

export const INTAKE_LIMITS: IntakeLimits = {
  requests: LIMITS.requestsUnderWay,
  unread: { most: 1024 * 1024, goOn: 128 * 1024 },
  held: 64 * 1024,
  patienceMs: { websocket: 10_000, polling: 3_000 },
  calmMs: 2_000,
  pauseMs: 4,
};
