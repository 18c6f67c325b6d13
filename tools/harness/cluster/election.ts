/** What members tell each other, over and over. */
export type Heartbeat = Readonly<{ from: number; term: number; leader: number | undefined }>;

/** Numbers of EventStoreDB's VNodeState (gossip.proto). */
export const STATE = { unknown: 2, follower: 6, leader: 8 } as const;

export type MemberView = Readonly<{ member: number; isAlive: boolean; state: number }>;

export type ElectionRules = Readonly<{
  members: number;
  self: number;
  /** A member that was not heard of for so long counts as dead. */
  silenceMs: number;
  /** The place of a dead leader stays empty for so long. */
  electionMs: number;
}>;

/**
 * Who leads, as one member of a stand-in cluster sees it. The lowest living member follows a dead leader; the newest
 * term wins. As in a real cluster the others take the dead one for their leader until there is a new one, and one that
 * was held still takes itself for the leader until it hears of another. Times are milliseconds that never go back.
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

  /** Whom this member takes for the leader, dead or alive; undefined while it never heard of any. */
  get leader(): number | undefined {
    return this.last;
  }

  hear({ from, term, leader }: Heartbeat, now: number): void {
    this.heardAt.set(from, now);
    if (leader === undefined || term <= this.term) return;
    this.term = term;
    this.last = leader;
  }

  /** True when this member has just become the leader. */
  tick(now: number): boolean {
    const isVacant = this.last === undefined || !this.isAlive(this.last, now);
    if (!isVacant || !this.hasMajority(now)) {
      this.vacantSince = undefined;
      return false;
    }
    this.vacantSince ??= now;
    const isFirst = this.living(now)[0] === this.rules.self;
    if (!isFirst || now - this.vacantSince < this.rules.electionMs) return false;
    this.take();
    return true;
  }

  /** Takes the lead from whoever has it. */
  take(): void {
    this.term += 1;
    this.last = this.rules.self;
    this.vacantSince = undefined;
  }

  /** As the leader: whether a majority is there to follow, without which nothing is written. */
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
