import type { Caller } from './caller.js';

/** Tells whose key this is. */
export interface Authenticator {
  /**
   * In memory and immediate: it answers while every store is down. Undefined for a key that is malformed, unknown, revoked or expired: callers can't tell which.
   * @throws RequestError `forbidden` for a valid key of a suspended bot
   */
  authenticate(key: string): Caller | undefined;

  /**
   * The same for a key that is not known, having looked whether another process issued it a moment ago. Not there if there
   * is nowhere to look. When it says no, the time that took tells nothing of the key.
   * @param from the address that stands for whoever shows it: each may have so many looked for
   * @throws RequestError as {@link authenticate}
   */
  authenticateNew?(key: string, from?: string): Promise<Caller | undefined>;

  /**
   * Whether what was good when something was opened by it still is; in memory and at once. It is not proved again. Not there
   * where {@link authenticate} knows all.
   */
  stands?(key: string): boolean;

  /** Calls, in memory and at once, after anything that may have ended or begun a key but time. The listener must not throw. */
  onChange?(listener: () => void): void;
}

/** Injection token of the {@link Authenticator}; the composition root binds the directory to it. */
export const AUTHENTICATOR = Symbol('AUTHENTICATOR');
