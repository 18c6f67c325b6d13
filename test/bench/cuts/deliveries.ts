export type Outcome = Readonly<{
  acknowledged: number;
  refused: string;
  due: number;
  lost: number;
  repeated: number;
}>;

/** Counts how often each bot received each message of its channel. `n` numbers the messages of all channels. */
export class Deliveries {
  private readonly channels = new Map<string, number[]>();
  private readonly counts: Uint8Array[];
  private readonly refusals: Record<string, number> = {};

  /** @param channelOf the channel of each bot */
  constructor(
    private readonly channelOf: readonly string[],
    messages: number,
  ) {
    this.counts = channelOf.map(() => new Uint8Array(messages));
    for (const channel of channelOf) this.channels.set(channel, []);
  }

  acknowledged(channel: string, n: number): void {
    this.channels.get(channel)!.push(n);
  }

  refused(code: string): void {
    this.refusals[code] = (this.refusals[code] ?? 0) + 1;
  }

  received(bot: number, channel: string, n: number): void {
    if (this.channelOf[bot] !== channel) throw new Error(`Bot ${bot} heard of ${channel}`);
    this.counts[bot]![n]! += 1;
  }

  /** Compares what came with what was due: every acknowledged message, once, to every bot of its channel. */
  outcome(): Outcome {
    let due = 0;
    let lost = 0;
    let repeated = 0;
    for (const [bot, channel] of this.channelOf.entries()) {
      for (const n of this.channels.get(channel)!) {
        const times = this.counts[bot]![n]!;
        due += 1;
        if (times === 0) lost += 1;
        if (times > 1) repeated += 1;
      }
    }
    const acknowledged = [...this.channels.values()].reduce((sum, { length }) => sum + length, 0);
    return { acknowledged, refused: JSON.stringify(this.refusals), due, lost, repeated };
  }
}
