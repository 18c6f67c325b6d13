import type { Caller } from './caller.js';

/** Finds out whose key this is. */
export interface Authenticator {
  /**
   * Answers at once from memory, so it works while every store is down. Returns undefined for a key that is malformed,
   * unknown, revoked or expired; callers can't tell which.
   * @throws RequestError `forbidden` for a valid key of a suspended bot
   */
  authenticate(key: string): Caller | undefined;

  /**
   * Does the same for an unknown key, after looking whether another process issued it a moment ago. The method is
   * missing when there is nowhere to look. When it finds no key, the time it took reveals nothing about the key.
   * @param from the address of the sender; lookups are limited for each address
   * @throws RequestError as {@link authenticate}
   */
  authenticateNew?(key: string, from?: string): Promise<Caller | undefined>;

  /**
   * Returns whether a key that was valid when something was opened is still valid. Answers at once from memory and does
   * not verify the key again. The method is missing when {@link authenticate} already knows every key.
   */
  isValid?(key: string): boolean;

  /**
   * Calls the listener synchronously, from memory, after any change other than the passing of time that may have ended
   * or started a key. The listener must not throw.
   */
  onChange?(listener: () => void): void;
}

/** Injection token of the {@link Authenticator}; the composition root binds the directory to it. */
export const AUTHENTICATOR = Symbol('AUTHENTICATOR');
