import { isName } from '#libs/domain/name.js';
import { RequestError } from '../errors.js';

/** Maps channels to the last seq seen; -1 means "nothing yet". */
export type CursorMap = Readonly<Record<string, number>>;

/**
 * Checks a map of cursors from outside (`ack`, `resume`). Its keys are data, so a request class cannot name
 * them.
 *
 * @throws RequestError `invalid_payload` or `invalid_name`
 */
export const parseCursorMap = (payload: unknown, what: string): CursorMap => {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new RequestError('invalid_payload', `${what} must map channels to seqs`);
  }
  const entries = Object.entries(payload);
  for (const [channel, seq] of entries) {
    if (!isName(channel)) throw new RequestError('invalid_name', `${what} names a channel that can't exist`);
    if (!Number.isSafeInteger(seq) || (seq as number) < -1) {
      throw new RequestError(
        'invalid_payload',
        `${what}: the seq of channel "${channel}" must be a whole number`,
      );
    }
  }
  return Object.fromEntries(entries);
};
