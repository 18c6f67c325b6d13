import { LIMITS } from '#libs/protocol/limits.js';

/**
 * Bytes for which a request costs one more. A request of fewer bytes costs one; the largest message fits into that,
 * however its characters are escaped.
 */
const BYTES_A_TOKEN = 16 * 1024;

/**
 * The verbs that cost less than one. `ack` may follow each message, and most of them are combined into one write a
 * second.
 */
const LIGHT: Readonly<Record<string, number>> = { ack: 0.25 };

/**
 * The cost of a new membership beyond its request. Its beginning and its end are written to the log, and every gateway
 * takes them in.
 */
export const MEMBERSHIP_COST = 6;

/** Returns the cost of a request, from what is known before it is parsed. */
export const requestCost = (event: string | undefined, bytes: number): number => {
  const light = event !== undefined && Object.hasOwn(LIGHT, event) ? LIGHT[event]! : 1;
  return light + Math.floor(bytes / BYTES_A_TOKEN);
};

/**
 * Returns the cost of an answer of this many bytes: as much as posting them would cost, in messages of the largest
 * size.
 */
export const answerCost = (bytes: number): number => bytes / LIMITS.messageBytes;
