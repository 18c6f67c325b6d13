/** What went wrong with the deliveries of a run. Each receiver and message counts once. */
export type Verdict = Readonly<{ due: number; lost: number; repeated: number; reordered: number }>;

/** What one receiver has seen of one sender. */
type Seen = { last: number; missing: Set<number> };

/**
 * Checks deliveries, the same way for every system: each receiver of a channel must get each acknowledged message once, and
 * the messages of one sender in the order in which they were sent. A sender numbers its messages from 0.
 *
 * A message that comes after a later one of its sender is reordered. A message that comes a second time is repeated.
 */
export class DeliveryCheck {
  private readonly seen: Map<number, Seen>[];
  private readonly posted: number[];
  private readonly doubtful: Set<number>[];
  private readonly inChannel = new Map<string, number[]>();
  private received = 0;
  private expected = 0;
  private repeated = 0;
  private reordered = 0;

  /** @param channels the channel of each bot, which sends to it and receives from it */
  constructor(private readonly channels: readonly string[]) {
    this.seen = channels.map(() => new Map<number, Seen>());
    this.posted = channels.map(() => 0);
    this.doubtful = channels.map(() => new Set<number>());
    for (const [bot, channel] of channels.entries())
      this.inChannel.set(channel, [...(this.inChannel.get(channel) ?? []), bot]);
  }

  /** Notes a post that is about to leave. @returns its number among those of its sender */
  notePost(sender: number): number {
    const n = this.posted[sender]!;
    this.posted[sender] = n + 1;
    this.doubtful[sender]!.add(n);
    this.expected += this.membersWith(sender).length;
    return n;
  }

  noteAcknowledged(sender: number, n: number): void {
    this.doubtful[sender]!.delete(n);
  }

  /** Notes that a post was refused, or that its answer will never come. It may be delivered, and need not be. */
  noteUnanswered(sender: number): void {
    this.expected -= this.membersWith(sender).length;
  }

  noteReceived(receiver: number, sender: number, n: number): void {
    const seen = this.seenBy(receiver, sender);
    if (n > seen.last) {
      for (let skipped = seen.last + 1; skipped < n; skipped += 1) seen.missing.add(skipped);
      seen.last = n;
      this.received += 1;
    } else if (seen.missing.delete(n)) {
      this.reordered += 1;
      this.received += 1;
    } else {
      this.repeated += 1;
    }
  }

  /** How many deliveries of posts that were not refused are still to come. */
  get outstanding(): number {
    return this.expected - this.received;
  }

  /** Returns the newest acknowledged number of each sender in the channel of a bot; -1 if it has none. */
  goalOf(receiver: number): ReadonlyMap<number, number> {
    return new Map(this.membersWith(receiver).map((sender) => [sender, this.newestAcknowledged(sender)]));
  }

  /** Whether a receiver has reached these numbers. Messages before them may be missing. */
  hasReached(receiver: number, goal: ReadonlyMap<number, number>): boolean {
    for (const [sender, n] of goal) if (n >= 0 && this.seenBy(receiver, sender).last < n) return false;
    return true;
  }

  /** @param receivers whose deliveries were due; by default everybody's */
  verdict(receivers: Iterable<number> = this.channels.keys()): Verdict {
    let [due, lost] = [0, 0];
    for (const receiver of receivers) {
      for (const sender of this.membersWith(receiver)) {
        due += this.posted[sender]! - this.doubtful[sender]!.size;
        lost += this.lostOf(receiver, sender);
      }
    }
    return { due, lost, repeated: this.repeated, reordered: this.reordered };
  }

  private lostOf(receiver: number, sender: number): number {
    const { last, missing } = this.seenBy(receiver, sender);
    const doubtful = this.doubtful[sender]!;
    let lost = 0;
    for (const n of missing) if (!doubtful.has(n)) lost += 1;
    for (let n = last + 1; n < this.posted[sender]!; n += 1) if (!doubtful.has(n)) lost += 1;
    return lost;
  }

  private newestAcknowledged(sender: number): number {
    let n = this.posted[sender]! - 1;
    while (n >= 0 && this.doubtful[sender]!.has(n)) n -= 1;
    return n;
  }

  private membersWith(bot: number): readonly number[] {
    return this.inChannel.get(this.channels[bot]!)!;
  }

  private seenBy(receiver: number, sender: number): Seen {
    const known = this.seen[receiver]!.get(sender);
    if (known) return known;
    const seen = { last: -1, missing: new Set<number>() };
    this.seen[receiver]!.set(sender, seen);
    return seen;
  }
}
