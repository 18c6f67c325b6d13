import type { Logged, Place } from './history.js';

/** What is set on a stream, by the names it has in its metadata: ages in seconds, `$tb` the first seq that is left. */
export type RetentionRule = Readonly<{ $maxCount?: number; $maxAge?: number; $tb?: number }>;

/** A span of time, in ms since 1970. */
export type Times = Readonly<{ since: number; until: number }>;

type Epoch = Times & Readonly<{ rule: RetentionRule }>;

/**
 * Which retention the channels of a run had when, to tell what could be gone at a given time. It is worked out from the rules
 * and from what is in the log, and asks nothing of who is judged by it.
 */
export class RetentionRecord {
  private readonly epochs = new Map<string, Epoch[]>();
  private readonly scavenges: Times[] = [];

  /** A channel has had this rule since some moment of `when`, in the place of the one before. */
  set(channel: string, rule: RetentionRule, when: Times): void {
    const epochs = this.epochs.get(channel) ?? [];
    const before = epochs.pop();
    if (before) epochs.push({ ...before, until: when.until });
    epochs.push({ rule, since: when.since, until: Infinity });
    this.epochs.set(channel, epochs);
  }

  /** What was hidden at a moment of `when` may be gone for good since. */
  scavenged(when: Times): void {
    this.scavenges.push(when);
  }

  /**
   * Whether a message, and with it all before it, can have been gone at a moment of `when`.
   * @param messages of its channel, in order
   */
  wasGone({ channel, seq }: Place, when: Times, messages: readonly Logged[]): boolean {
    return this.hides({ channel, seq }, [when, ...this.scavengesUntil(when.until)], messages);
  }

  /** Whether a message can have been scavenged at any time. @param messages of its channel, in order */
  wasScavenged(place: Place, messages: readonly Logged[]): boolean {
    return this.hides(place, this.scavenges, messages);
  }

  private scavengesUntil(until: number): readonly Times[] {
    return this.scavenges.filter(({ since }) => since <= until);
  }

  private hides({ channel, seq }: Place, looks: readonly Times[], messages: readonly Logged[]): boolean {
    return (this.epochs.get(channel) ?? []).some((epoch) =>
      looks.some((look) => seq < firstLeft(epoch, look, messages)),
    );
  }
}

/** The first seq that a rule leaves at the end of the time that it shares with another: the longer it is in force, the more it takes. */
const firstLeft = ({ rule, ...epoch }: Epoch, look: Times, messages: readonly Logged[]): number => {
  const until = Math.min(epoch.until, look.until);
  if (until < Math.max(epoch.since, look.since)) return 0;
  const there = messages.filter(({ at }) => at <= until);
  const { $maxCount = Infinity, $maxAge = Infinity, $tb = 0 } = rule;
  const young = there.findIndex(({ at }) => at >= until - $maxAge * 1_000);
  return Math.max($tb, there.length - $maxCount, young === -1 ? there.length : young);
};
