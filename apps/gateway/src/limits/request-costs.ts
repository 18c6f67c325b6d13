import { LIMITS } from '#libs/protocol/limits.js';

/** A request of up to so many bytes costs one: the largest message fits, however its letters are escaped. */
const BYTES_A_TOKEN = 16 * 1024;

/** `ack` may follow each message; most are put together to one write a second. */
const LIGHT: Readonly<Record<string, number>> = { ack: 0.25 };

/** What a new membership costs beyond its request: its beginning and its end are written, and every gateway takes them in. */
export const MEMBERSHIP_COST = 6;

/** What a request costs by what can be seen of it before it is parsed. */
export const requestCost = (event: string | undefined, bytes: number): number => {
  const light = event !== undefined && Object.hasOwn(LIGHT, event) ? LIGHT[event]! : 1;
  return light + Math.floor(bytes / BYTES_A_TOKEN);
};

/** What an answer of so many bytes costs: as much as posting it would, in messages of the largest size. */
export const answerCost = (bytes: number): number => bytes / LIMITS.messageBytes;
