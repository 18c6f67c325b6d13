import { LIMITS } from '#libs/protocol/limits.js';
import type { TurnShare } from '../limits/loop-turns.js';

/**
 * Shares of a turn of the event loop: how many frames are handled before and after somebody was let in on the
 * connection.
 */
export type IntakeShares = Readonly<{ stranger: TurnShare; sender: TurnShare }>;

export type IntakeLimits = Readonly<{
  /** The most requests of a connection that may be in progress before no more are let through. */
  requests: number;
  /**
   * Bytes of unread answers above which no more requests are let through, and the level to which they must fall before
   * more are.
   */
  unread: Readonly<{ most: number; goOn: number }>;
  /** Bytes of held frames above which the socket itself is not read any more. */
  held: number;
  /**
   * Milliseconds for which a sender may stay above its allowance before it is dismissed, and milliseconds of calm after
   * which it counts as having stopped. Over polling, the sender has to be told before its client gives up the request
   * that is not being read (python-engineio does so after 5 s), because the client sends nothing more then.
   */
  patienceMs: Readonly<{ websocket: number; polling: number }>;
  calmMs: number;
  /** The shortest wait for the allowance to fill up again, in milliseconds. */
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
