import type { ErrorCode } from '#libs/protocol/errors.js';

/** The code and message that a client may see for an error that it did not cause. */
export type Told = Readonly<{ code: ErrorCode; message: string; retryAfterMs?: number }>;

/** An error that knows what a client may see of it. */
export interface Tellable {
  readonly told: Told;
}

export const isTellable = (error: unknown): error is Tellable =>
  error instanceof Error && 'told' in error && error.told !== undefined;
