import { Boundary } from '#libs/platform/faults/boundary.js';

const CALL = new Boundary('log.cancel');

/**
 * Cancels a call, and cancels it again in the next turn. grpc-js (1.14) forgets a cancellation in the turn in which the
 * call was made: it reports the end, and opens the call afterwards all the same (resolving-call.ts, `getConfig`).
 * Nobody would read such a call, and the server would hold it for as long as the connection lives.
 */
export const cancelCall = (call: Readonly<{ cancel(): void }>): void => {
  call.cancel();
  setImmediate(CALL.guard(() => call.cancel()));
};
