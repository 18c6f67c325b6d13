/** Numbers of places: `shared` ones for every key, and extra ones (`firsts`) for keys that hold none. */
export type PlaceLimits = Readonly<{ shared: number; firsts: number }>;

/**
 * Returns whether a key that holds `held` places may take another one, when `taken` places are in use by all keys. It
 * may as long as it holds fewer than are free, so that some remain for others regardless of who comes first (dynamic
 * thresholds, as switches share memory between queues: Choudhury and Hahne, 1998). A key gets its first place also from
 * the extra ones.
 */
const mayTakePlace = (held: number, taken: number, { shared, firsts }: PlaceLimits): boolean =>
  held === 0 ? taken < shared + firsts : held < shared - taken;

/**
 * Shares places between many keys, so that no key can take them all. A place is taken at the moment it is asked for.
 */
export class Places {
  private taken = 0;
  private readonly held = new Map<string, number>();

  constructor(private readonly limits: PlaceLimits) {}

  /**
   * @returns a function that gives the place back, harmless when called again; undefined when this key gets no place
   */
  takePlace(key: string): (() => void) | undefined {
    const held = this.held.get(key) ?? 0;
    if (!mayTakePlace(held, this.taken, this.limits)) return undefined;
    this.taken += 1;
    this.held.set(key, held + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.giveBack(key);
      isHeld = false;
    };
  }

  private giveBack(key: string): void {
    this.taken -= 1;
    const left = (this.held.get(key) ?? 1) - 1;
    if (left > 0) this.held.set(key, left);
    else this.held.delete(key);
  }
}
