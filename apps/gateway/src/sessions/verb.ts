import type { Session } from './session.js';

/** What a request is answered with, less `ok: true`, and what is to happen once it has been. */
export type Answer = Readonly<{ answer: object; afterwards?: () => void }>;

/** One thing a bot can ask for over Socket.IO. */
export interface Verb {
  readonly name: string;
  /** @throws RequestError, Rejection or StoreUnavailable; anything else is a fault of ours */
  handle(session: Session, payload: unknown): Promise<Answer>;
}
