import { Boundary } from '../faults/boundary.js';
import type { Authenticator } from './authenticator.js';
import { Interval } from '#libs/time/interval.js';

/** Milliseconds between two checks of the keys in use. An expiry causes no event, so it has to be looked for. */
const LOOK_MS = 500;

const WITHDRAWAL = new Boundary('keys.withdrawal');

type Held = Readonly<{ key: string; close: () => void }>;

/**
 * Closes what was opened with a key once the key is no longer valid: at once when the key is revoked or its bot
 * suspended, within half a second when it expires.
 */
export class OpenAccess {
  readonly #held = new Set<Held>();
  readonly #looks = new Interval(LOOK_MS, () => this.#look(), WITHDRAWAL);

  constructor(private readonly authenticator: Authenticator) {
    authenticator.onChange?.(() => this.#look());
  }

  /**
   * Calls `close` when the key turns out to be invalid, and again at every later check until the hold is released. A
   * `close` that can't do its work yet may therefore leave it for the next check.
   * @returns a function that releases the hold; calling it again is harmless
   */
  closeOnWithdrawal(key: string, close: () => void): () => void {
    const held = { key, close };
    this.#held.add(held);
    this.#looks.start();
    return () => void this.#held.delete(held);
  }

  /** Returns whether a key that was valid when something was opened is still valid. */
  isStillValid(key: string): boolean {
    if (this.authenticator.isValid) return this.authenticator.isValid(key);
    try {
      return this.authenticator.authenticate(key) !== undefined;
    } catch {
      // authenticate() throws for the key of a suspended bot.
      return false;
    }
  }

  #look(): void {
    for (const { key, close } of this.#held) {
      if (!this.isStillValid(key)) WITHDRAWAL.run(close);
    }
    if (this.#held.size === 0) void this.#looks.stop();
  }
}
