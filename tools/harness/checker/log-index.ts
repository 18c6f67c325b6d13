import type { Logged, Place } from './history.js';
import { RetentionRecord } from './retention-record.js';
import type { Times } from './retention-record.js';

/** Finds messages of the log by their place, and by bot and id. */
export class LogIndex {
  private readonly byPlace = new Map<string, Logged>();
  private readonly byId = new Map<string, Logged[]>();
  private readonly heads = new Map<string, number>();
  private readonly byChannel = new Map<string, Logged[]>();

  constructor(
    readonly messages: readonly Logged[],
    private readonly retention = new RetentionRecord(),
  ) {
    for (const message of messages) {
      const { bot, id, channel, seq } = message;
      this.byPlace.set(`${channel}/${seq}`, message);
      const name = `${bot}/${id}`;
      const same = this.byId.get(name);
      if (same) same.push(message);
      else this.byId.set(name, [message]);
      this.heads.set(channel, Math.max(seq, this.head(channel)));
      const before = this.byChannel.get(channel);
      if (before) before.push(message);
      else this.byChannel.set(channel, [message]);
    }
  }

  get channels(): readonly string[] {
    return [...this.heads.keys()];
  }

  /** Returns the seq of the channel's last message, -1 if it has none. */
  head(channel: string): number {
    return this.heads.get(channel) ?? -1;
  }

  /** Returns whether all messages up to this one may have been removed by some moment within `when`. */
  wasGone(place: Place, when: Times): boolean {
    return this.retention.wasGone(place, when, this.byChannel.get(place.channel) ?? []);
  }

  /** Whether a message can have been scavenged. */
  wasScavenged(place: Place): boolean {
    return this.retention.wasScavenged(place, this.byChannel.get(place.channel) ?? []);
  }

  at({ channel, seq }: Place): Logged | undefined {
    return this.byPlace.get(`${channel}/${seq}`);
  }

  eventsOf(bot: string, id: string): readonly Logged[] {
    return this.byId.get(`${bot}/${id}`) ?? [];
  }
}
