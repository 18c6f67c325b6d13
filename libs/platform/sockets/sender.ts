import type { RequestError } from '#libs/protocol/errors.js';
import type { Allowance } from '../limits/allowances.js';

/** Who has come into a namespace, as far as what it sends is concerned. */
export interface Sender {
  /** What all its connections together may send, whatever becomes of it. */
  readonly allowance: Allowance;
  /** Judges a request by its name and size alone. @returns why it is refused */
  refusalOf(event: string | undefined, bytes: number): RequestError | undefined;
  /** The first answer to a packet that is refused now, if it repeats a request that was accepted. */
  earlierAnswerTo?(
    event: string | undefined,
    packet: string,
    refusal: RequestError,
  ): Promise<object> | undefined;
  /** Ends the connection with a word: it goes on beyond what it may send. */
  dismiss(): void;
}
