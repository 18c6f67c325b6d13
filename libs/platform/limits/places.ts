/** How many places there are, and how many beside for keys that have none. */
export type PlaceLimits = Readonly<{ shared: number; firsts: number }>;

/**
 * Whether a key that holds so many places may have another one, when `taken` are taken in all: as long as it holds fewer
 * than are free, so that some are left for others whoever comes first (dynamic thresholds, as switches share memory
 * between queues by: Choudhury and Hahne, 1998). Its first place a key also gets from those that are kept for that.
 */
export const mayTakePlace = (held: number, taken: number, { shared, firsts }: PlaceLimits): boolean =>
  held === 0 ? taken < shared + firsts : held < shared - taken;

/** Places that many keys share, none of which can take them all. A place is taken in the moment it is asked for. */
export class Places {
  private taken = 0;
  private readonly held = new Map<string, number>();

  constructor(private readonly limits: PlaceLimits) {}

  /** @returns what gives the place back, harmless when called again; undefined when there is none for this key */
  take(key: string): (() => void) | undefined {
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
