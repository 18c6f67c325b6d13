import type { Caller } from './caller.js';

/** Tells whose key this is. In memory and immediate: it answers while every store is down. */
export interface Authenticator {
  /**
   * Undefined for a key that is malformed, unknown or revoked: callers can't tell which.
   * @throws RequestError `forbidden` for a valid key of a suspended bot
   */
  authenticate(key: string): Caller | undefined;
}

/** Injection token of the {@link Authenticator}; the composition root binds the directory to it. */
export const AUTHENTICATOR = Symbol('AUTHENTICATOR');
