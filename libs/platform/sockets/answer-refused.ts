import type { RequestError } from '#libs/protocol/errors.js';
import type { Boundary } from '../faults/boundary.js';
import type { Sender } from './sender.js';

/** A request that was refused before it was parsed. */
type Refused = Readonly<{ event: string | undefined; packet: string; refusal: RequestError }>;

/**
 * Answers a request that was refused: with the answer that it got before, if it repeats an accepted one, otherwise with
 * the refusal.
 */
export const answerRefused = (
  sender: Sender,
  { event, packet, refusal }: Refused,
  answer: (reply: object) => void,
  boundary: Boundary,
): void => {
  const refuse = (): void => answer({ ok: false, error: refusal.toWire() });
  const earlier = sender.earlierAnswerTo?.(event, packet, refusal);
  if (earlier) boundary.run(() => earlier.then((first) => answer({ ok: true, ...first }), refuse));
  else refuse();
};
