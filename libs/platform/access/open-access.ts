import { Boundary } from '../faults/boundary.js';
import type { Authenticator } from './authenticator.js';

/** Milliseconds between two looks at the keys of what is open: time ends a key without an event. */
const LOOK_MS = 500;

const WITHDRAWAL = new Boundary('keys.withdrawal');

type Held = Readonly<{ key: string; close: () => void }>;

/**
 * What stays open by a key, and is closed once the key opens nothing any more: at once when it was revoked or its bot
 * suspended, within half a second when it has expired.
 */
export class OpenAccess {
  readonly #held = new Set<Held>();
  #looking: NodeJS.Timeout | undefined;

  constructor(private readonly authenticator: Authenticator) {
    authenticator.onChange?.(() => this.#look());
  }

  /**
   * From now until it is released, `close` is called when the key is found to be good for nothing, and again at every
   * look after that. What can't be closed yet may so be left for the next one.
   * @returns what releases it; harmless when called again
   */
  hold(key: string, close: () => void): () => void {
    const held = { key, close };
    this.#held.add(held);
    this.#looking ??= setInterval(
      WITHDRAWAL.guard(() => this.#look()),
      LOOK_MS,
    ).unref();
    return () => void this.#held.delete(held);
  }

  /** Whether a key that was good when something was opened by it still is. */
  stands(key: string): boolean {
    if (this.authenticator.stands) return this.authenticator.stands(key);
    try {
      return this.authenticator.authenticate(key) !== undefined;
    } catch {
      // The key of a suspended bot is refused by an error.
      return false;
    }
  }

  #look(): void {
    for (const { key, close } of this.#held) {
      if (!this.stands(key)) WITHDRAWAL.run(close);
    }
    if (this.#held.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
