import type { Session } from './session.js';

/** The answer to a request without `ok: true`, and a step to run once the answer has been sent. */
export type Answer = Readonly<{ answer: object; afterwards?: () => void }>;

/** A request type that bots can send over Socket.IO. */
export interface Verb {
  readonly name: string;
  /** @throws RequestError, Rejection or StoreUnavailable; any other error is a fault of ours */
  handle(session: Session, payload: unknown): Promise<Answer>;
}
