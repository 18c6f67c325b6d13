import type { WaitingRequest } from './writing-budget.js';

/** Holds one submitted request until it is answered. Answers after the first are ignored. */
export class PendingRequest<R, A> implements WaitingRequest {
  /** Whether its event was sent in an append that was never answered. */
  uncertain = false;
  #settled = false;

  constructor(
    readonly request: R,
    readonly expiresAt: number,
    private readonly callbacks: Readonly<{
      resolve(answer: A): void;
      reject(error: Error): void;
      onSettled(pending: PendingRequest<R, A>): void;
    }>,
  ) {}

  get settled(): boolean {
    return this.#settled;
  }

  answer(answer: A): void {
    if (this.#settle()) this.callbacks.resolve(answer);
  }

  refuse(error: Error): void {
    if (this.#settle()) this.callbacks.reject(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.callbacks.onSettled(this);
    return true;
  }
}
