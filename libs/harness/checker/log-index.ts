import type { Logged, Place } from './history.js';

/** The log, by place and by what bots call their messages. */
export class LogIndex {
  private readonly byPlace = new Map<string, Logged>();
  private readonly byId = new Map<string, Logged[]>();
  private readonly heads = new Map<string, number>();

  /** @param hidden by channel: how many of its first messages retention has taken */
  constructor(
    readonly messages: readonly Logged[],
    private readonly hidden: ReadonlyMap<string, number> = new Map(),
  ) {
    for (const message of messages) {
      const { bot, id, channel, seq } = message;
      this.byPlace.set(`${channel}/${seq}`, message);
      const name = `${bot}/${id}`;
      const same = this.byId.get(name);
      if (same) same.push(message);
      else this.byId.set(name, [message]);
      this.heads.set(channel, Math.max(seq, this.head(channel)));
    }
  }

  get channels(): readonly string[] {
    return [...this.heads.keys()];
  }

  /** Seq of the channel's last message, -1 if it has none. */
  head(channel: string): number {
    return this.heads.get(channel) ?? -1;
  }

  /** Whether all up to this message are gone. */
  isHidden({ channel, seq }: Place): boolean {
    return seq < (this.hidden.get(channel) ?? 0);
  }

  at({ channel, seq }: Place): Logged | undefined {
    return this.byPlace.get(`${channel}/${seq}`);
  }

  of(bot: string, id: string): readonly Logged[] {
    return this.byId.get(`${bot}/${id}`) ?? [];
  }
}
