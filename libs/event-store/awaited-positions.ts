import { withResolvers } from './with-resolvers.js';
import { comparePositions } from './position.js';
import type { LogPosition } from './position.js';

export type Awaited = Readonly<{ position: LogPosition; done: Promise<void>; settle(error?: Error): void }>;

/** Holds the positions that somebody waits for, until everything up to them has been handled. */
export class AwaitedPositions {
  readonly #waiting = new Set<Awaited>();
  #end: Error | undefined;

  /**
   * Waits for a position. `reached` is the position up to which everything has been handled now. After `endWith`, a
   * position that was not reached is rejected at once.
   */
  await(position: LogPosition, reached: LogPosition): Awaited {
    const { promise, resolve, reject } = withResolvers();
    const awaited: Awaited = {
      position,
      done: promise,
      settle: (error) => {
        this.#waiting.delete(awaited);
        if (error) reject(error);
        else resolve();
      },
    };
    if (comparePositions(reached, position) >= 0) awaited.settle();
    else if (this.#end) awaited.settle(this.#end);
    else this.#waiting.add(awaited);
    return awaited;
  }

  /** Resolves every wait for a position up to this one. */
  reach(position: LogPosition): void {
    for (const awaited of this.#waiting) {
      if (comparePositions(position, awaited.position) >= 0) awaited.settle();
    }
  }

  /** Rejects every wait, and every later one for a position that was not reached. */
  endWith(error: Error): void {
    this.#end ??= error;
    for (const awaited of this.#waiting) awaited.settle(error);
  }
}
