/** The message that members send each other again and again. */
export type Heartbeat = Readonly<{ from: number; term: number; leader: number | undefined }>;

/** Numbers of EventStoreDB's VNodeState (gossip.proto). */
const STATE = { unknown: 2, follower: 6, leader: 8 } as const;

export type MemberView = Readonly<{ member: number; isAlive: boolean; state: number }>;

export type ElectionRules = Readonly<{
  members: number;
  self: number;
  /** A member that was not heard from for this long counts as dead. */
  silenceMs: number;
  /** How long the place of a dead leader stays empty. */
  electionMs: number;
}>;

/**
 * Decides who leads, from the view of one member of a stand-in cluster. When the leader is dead, the living member with the
 * lowest number succeeds it; the newest term wins. As in a real cluster, the others keep the dead member as their leader
 * until there is a new one, and a leader that was frozen believes it still leads until it hears of another. Times are
 * monotonic milliseconds.
 */
export class Election {
  private term = 0;
  private last: number | undefined;
  private vacantSince: number | undefined;
  private readonly heardAt = new Map<number, number>();

  constructor(private readonly rules: ElectionRules) {}

  get heartbeat(): Heartbeat {
    return { from: this.rules.self, term: this.term, leader: this.last };
  }

  /** The leader as this member knows it, dead or alive; undefined if it never heard of one. */
  get leader(): number | undefined {
    return this.last;
  }

  hear({ from, term, leader }: Heartbeat, now: number): void {
    this.heardAt.set(from, now);
    if (leader === undefined || term <= this.term) return;
    this.term = term;
    this.last = leader;
  }

  /** Checks for a dead leader. @returns whether this member has just become the leader */
  tick(now: number): boolean {
    const isVacant = this.last === undefined || !this.isAlive(this.last, now);
    if (!isVacant || !this.hasMajority(now)) {
      this.vacantSince = undefined;
      return false;
    }
    this.vacantSince ??= now;
    const isFirst = this.living(now)[0] === this.rules.self;
    if (!isFirst || now - this.vacantSince < this.rules.electionMs) return false;
    this.takeLead();
    return true;
  }

  /** Takes over the lead from the current leader. */
  takeLead(): void {
    this.term += 1;
    this.last = this.rules.self;
    this.vacantSince = undefined;
  }

  /** Whether this member leads and a majority is alive, without which nothing can be written. */
  canWriteAt(now: number): boolean {
    return this.last === this.rules.self && this.hasMajority(now);
  }

  viewAt(now: number): MemberView[] {
    return Array.from({ length: this.rules.members }, (_, member) => ({
      member,
      isAlive: this.isAlive(member, now),
      state: this.last === undefined ? STATE.unknown : member === this.last ? STATE.leader : STATE.follower,
    }));
  }

  private hasMajority(now: number): boolean {
    return this.living(now).length * 2 > this.rules.members;
  }

  private living(now: number): number[] {
    return Array.from({ length: this.rules.members }, (_, member) => member).filter((member) =>
      this.isAlive(member, now),
    );
  }

  private isAlive(member: number, now: number): boolean {
    if (member === this.rules.self) return true;
    return now - (this.heardAt.get(member) ?? -Infinity) < this.rules.silenceMs;
  }
}
