import type { Logged, Place } from './history.js';

/** Retention set on a stream, by its names in the metadata. Ages are in seconds; `$tb` is the first seq that is kept. */
export type RetentionRule = Readonly<{ $maxCount?: number; $maxAge?: number; $tb?: number }>;

/** A span of time, in ms since 1970. */
export type Times = Readonly<{ since: number; until: number }>;

type Epoch = Times & Readonly<{ rule: RetentionRule }>;

/**
 * Records which retention the channels of a run had at which time, to tell which messages could be gone at a given time. It
 * uses only the rules and the log, never the system under test.
 */
export class RetentionRecord {
  private readonly epochs = new Map<string, Epoch[]>();
  private readonly scavenges: Times[] = [];

  /** Records that a channel got this rule at some moment of `when`, in place of the one before. */
  set(channel: string, rule: RetentionRule, when: Times): void {
    const epochs = this.epochs.get(channel) ?? [];
    const before = epochs.pop();
    if (before) epochs.push({ ...before, until: when.until });
    epochs.push({ rule, since: when.since, until: Infinity });
    this.epochs.set(channel, epochs);
  }

  /** Records a scavenge: messages hidden at some moment of `when` may be gone for good since then. */
  scavenged(when: Times): void {
    this.scavenges.push(when);
  }

  /**
   * Whether a message, and all messages before it, can have been gone at some moment of `when`.
   * @param messages the messages of its channel, in order
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

/** Returns the first seq that a rule keeps at the end of its overlap with `look`: the later, the more it removes. */
const firstLeft = ({ rule, ...epoch }: Epoch, look: Times, messages: readonly Logged[]): number => {
  const until = Math.min(epoch.until, look.until);
  if (until < Math.max(epoch.since, look.since)) return 0;
  const there = messages.filter(({ at }) => at <= until);
  const { $maxCount = Infinity, $maxAge = Infinity, $tb = 0 } = rule;
  const young = there.findIndex(({ at }) => at >= until - $maxAge * 1_000);
  return Math.max($tb, there.length - $maxCount, young === -1 ? there.length : young);
};
