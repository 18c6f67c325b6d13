/** A connection that is live in a channel. */
export interface LiveMember {
  /** Returns whether too much data for this connection still waits in this process. */
  isBehind(): boolean;
  /** Stops being live in this same tick, and catches up from here at its own pace. */
  fallBack(): void;
}

/**
 * How many messages of a channel pass between two checks of its live members. Checking each member for each message
 * would cost as much as sending does. A slow connection may get this many messages too many before it is noticed.
 */
export const LOOK_EVERY = 16;

type Live = { members: Set<LiveMember>; unseen: number };

/** Finds live connections that do not read what a channel sends them, before they fill this process's memory. */
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

  /** Must be called for each message, in the tick in which it was broadcast. */
  noteBroadcast(channel: string): void {
    const live = this.channels.get(channel);
    if (live === undefined) return;
    live.unseen += 1;
    if (live.unseen < this.lookEvery) return;
    live.unseen = 0;
    for (const member of live.members) if (member.isBehind()) member.fallBack();
  }
}
