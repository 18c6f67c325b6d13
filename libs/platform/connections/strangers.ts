/** A connection or session on which no accepted key was shown. */
export type Stranger = Readonly<{ end(): void }>;

export type StrangerLimits = Readonly<{
  inAll: number;
  /** The most strangers from one address. */
  each: number;
  /** Milliseconds during which a new stranger is not sent away to make room for a newcomer. */
  graceMs: number;
}>;

type Standing = Readonly<{ address: string; since: number }>;

/**
 * Counts strangers, by address and in total. When an address has no room left, its oldest stranger is sent away,
 * because a client that has a key shows it at once. When the total is too high, the oldest of the address with the most
 * strangers goes. The newcomer is refused only if that stranger is itself new.
 */
export class Strangers {
  /** All strangers, in the order in which they came. */
  private readonly standing = new Map<Stranger, Standing>();
  private readonly byAddress = new Map<string, Set<Stranger>>();

  constructor(
    private readonly limits: StrangerLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get count(): number {
    return this.standing.size;
  }

  /** Lets a stranger in, and sends another one away when there is no room. @returns whether the newcomer may stay */
  arrive(address: string, stranger: Stranger): boolean {
    const crowded = this.crowdedFor(address);
    if (crowded !== undefined && !this.sendAwayOldest(crowded)) return false;
    this.standing.set(stranger, { address, since: this.now() });
    const here = this.byAddress.get(address) ?? new Set();
    this.byAddress.set(address, here.add(stranger));
    return true;
  }

  /** Stops counting a stranger, because it showed a key or has gone. */
  leave(stranger: Stranger): void {
    const { address } = this.standing.get(stranger) ?? {};
    if (address === undefined) return;
    this.standing.delete(stranger);
    const here = this.byAddress.get(address);
    here?.delete(stranger);
    if (here?.size === 0) this.byAddress.delete(address);
  }

  /**
   * Returns the strangers of the address that leave no room for another one from this address, or undefined if there is
   * room.
   */
  private crowdedFor(address: string): ReadonlySet<Stranger> | undefined {
    const here = this.byAddress.get(address);
    if (here && here.size >= this.limits.each) return here;
    if (this.standing.size < this.limits.inAll) return undefined;
    let most: ReadonlySet<Stranger> = here ?? new Set();
    for (const strangers of this.byAddress.values()) if (strangers.size > most.size) most = strangers;
    return most;
  }

  private sendAwayOldest(strangers: Iterable<Stranger>): boolean {
    const [oldest] = strangers;
    const { since } = this.standing.get(oldest!)!;
    if (this.now() - since <= this.limits.graceMs) return false;
    this.leave(oldest!);
    oldest!.end();
    return true;
  }
}
