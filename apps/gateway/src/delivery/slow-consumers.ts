/** A connection that is live in a channel. */
export interface LiveMember {
  /** Whether more of what it was sent waits in this process than it may. */
  isBehind(): boolean;
  /** Stops being live, in this very tick, and catches up from here at its own pace. */
  fallBack(): void;
}

/**
 * Looking at each member for each message would cost as much as sending does, so they are looked at after so many
 * messages of a channel: a connection is behind by that much at most before it is noticed.
 */
export const LOOK_EVERY = 16;

type Live = { members: Set<LiveMember>; unseen: number };

/** Finds connections that do not read what a channel sends them, before they fill this process's memory. */
export class SlowConsumers {
  private readonly channels = new Map<string, Live>();

  constructor(private readonly lookEvery = LOOK_EVERY) {}

  join(channel: string, member: LiveMember): void {
    const live = this.channels.get(channel);
    if (live) live.members.add(member);
    else this.channels.set(channel, { members: new Set([member]), unseen: 0 });
  }

  leave(channel: string, member: LiveMember): void {
    const live = this.channels.get(channel);
    if (live?.members.delete(member) && live.members.size === 0) this.channels.delete(channel);
  }

  /** To be told of each message in the tick in which it was broadcast. */
  sent(channel: string): void {
    const live = this.channels.get(channel);
    if (live === undefined) return;
    live.unseen += 1;
    if (live.unseen < this.lookEvery) return;
    live.unseen = 0;
    for (const member of live.members) if (member.isBehind()) member.fallBack();
  }
}
