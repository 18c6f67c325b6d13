/** What stands here without having shown a key that is accepted. */
export type Stranger = Readonly<{ end(): void }>;

export type StrangerLimits = Readonly<{
  inAll: number;
  /** For each address. */
  each: number;
  /** Whoever is no older than this, in milliseconds, is not sent away for a newcomer. */
  graceMs: number;
}>;

type Standing = Readonly<{ address: string; since: number }>;

/**
 * Counts strangers, by address and in all. Who shows a key does so at once: so where there is no room, the oldest goes, of
 * the address that has the most if all are too many. Only where all are new, the newcomer does.
 */
export class Strangers {
  /** In the order in which they came. */
  private readonly standing = new Map<Stranger, Standing>();
  private readonly byAddress = new Map<string, Set<Stranger>>();

  constructor(
    private readonly limits: StrangerLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get count(): number {
    return this.standing.size;
  }

  /** Takes a stranger in, and sends one away where there is no room. @returns whether the newcomer may stay */
  arrive(address: string, stranger: Stranger): boolean {
    const crowded = this.crowdedFor(address);
    if (crowded !== undefined && !this.sendAwayOldest(crowded)) return false;
    this.standing.set(stranger, { address, since: this.now() });
    const here = this.byAddress.get(address) ?? new Set();
    this.byAddress.set(address, here.add(stranger));
    return true;
  }

  /** It is no stranger any more, or not here any more. */
  leave(stranger: Stranger): void {
    const { address } = this.standing.get(stranger) ?? {};
    if (address === undefined) return;
    this.standing.delete(stranger);
    const here = this.byAddress.get(address);
    here?.delete(stranger);
    if (here?.size === 0) this.byAddress.delete(address);
  }

  /** Whose strangers leave no room for one from this address. */
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
