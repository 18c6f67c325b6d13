/** A connection or session on which no accepted key was shown. */
export type Stranger = Readonly<{ end(): void }>;

export type StrangerLimits = Readonly<{
  inAll: number;
  /** The most strangers from one address. */
  each: number;
  /** Milliseconds during which a new stranger is not sent away to make room for a newcomer. */
  graceMs: number;
  /** Milliseconds between two strangers that are sent away for newcomers of the same address. Letting one in costs work. */
  replaceMs: number;
}>;

type Standing = Readonly<{ address: string; since: number }>;

/** The strangers of one address, in the order in which they came. */
type Crowd = { readonly strangers: Set<Stranger>; mayReplaceAt: number };

/**
 * Counts strangers, by address and in total. When an address has no room left, its oldest stranger is sent away,
 * because a client that has a key shows it at once. When the total is too high, the oldest of the address with the most
 * strangers goes. The newcomer is refused if that stranger is itself new, or if another one was sent away for the same
 * address a moment ago: an address must not keep us busy with letting newcomers in.
 */
export class Strangers {
  /** All strangers, in the order in which they came. */
  private readonly standing = new Map<Stranger, Standing>();
  private readonly byAddress = new Map<string, Crowd>();

  constructor(
    private readonly limits: StrangerLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get count(): number {
    return this.standing.size;
  }

  /** Lets a stranger in, and sends another one away when there is no room. @returns whether the newcomer may stay */
  arrive(address: string, stranger: Stranger): boolean {
    const crowd = this.crowdFor(address);
    if (crowd !== undefined && !this.makeRoom(address, crowd)) return false;
    this.standing.set(stranger, { address, since: this.now() });
    const here = this.byAddress.get(address) ?? { strangers: new Set(), mayReplaceAt: 0 };
    here.strangers.add(stranger);
    this.byAddress.set(address, here);
    return true;
  }

  /** Stops counting a stranger, because it showed a key or has gone. */
  leave(stranger: Stranger): void {
    const { address } = this.standing.get(stranger) ?? {};
    if (address === undefined) return;
    this.standing.delete(stranger);
    const here = this.byAddress.get(address);
    here?.strangers.delete(stranger);
    if (here?.strangers.size === 0) this.byAddress.delete(address);
  }

  /**
   * Returns the strangers of the address that leave no room for another one from this address, or undefined if there is
   * room.
   */
  private crowdFor(address: string): Crowd | undefined {
    const here = this.byAddress.get(address);
    if (here && here.strangers.size >= this.limits.each) return here;
    if (this.standing.size < this.limits.inAll) return undefined;
    let most = here;
    for (const one of this.byAddress.values())
      if (one.strangers.size > (most?.strangers.size ?? 0)) most = one;
    return most;
  }

  /** Sends away the oldest of a crowd for a newcomer from this address. @returns false if it may stay */
  private makeRoom(address: string, { strangers }: Crowd): boolean {
    const [oldest] = strangers;
    const { since } = this.standing.get(oldest!)!;
    const here = this.byAddress.get(address);
    const now = this.now();
    if (now - since <= this.limits.graceMs || now < (here?.mayReplaceAt ?? 0)) return false;
    if (here) here.mayReplaceAt = now + this.limits.replaceMs;
    this.leave(oldest!);
    oldest!.end();
    return true;
  }
}
