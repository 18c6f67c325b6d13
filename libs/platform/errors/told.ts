import type { ErrorCode } from '#libs/protocol/errors.js';

/** What a client may be told of an error that it has not caused. */
export type Told = Readonly<{ code: ErrorCode; message: string; retryAfterMs?: number }>;

/** An error that knows what a client may be told of it. */
export interface Tellable {
  readonly told: Told;
}

export const isTellable = (error: unknown): error is Tellable =>
  error instanceof Error && 'told' in error && error.told !== undefined;
