import type { RequestError } from '#libs/protocol/errors.js';
import type { Allowance } from '../limits/allowances.js';

/** Somebody who was let into a namespace, seen as a source of packets. */
export interface Sender {
  /** The allowance that all its connections share. Refused requests count too. */
  readonly allowance: Allowance;
  /** Decides about a request by its name and size alone. @returns the refusal, or undefined when it is admitted */
  refusalOf(event: string | undefined, bytes: number): RequestError | undefined;
  /** Returns the first answer to a request that was accepted before, when the packet that is refused now repeats it. */
  earlierAnswerTo?(
    event: string | undefined,
    packet: string,
    refusal: RequestError,
  ): Promise<object> | undefined;
  /** Ends the connection with a notice, because the sender stays above its allowance. */
  dismiss(): void;
}
