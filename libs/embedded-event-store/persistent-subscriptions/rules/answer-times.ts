export interface Measurement {
  readonly key: string;
  readonly value: number;
}

/** Number of latest answers that are measured. */
const WINDOW = 1000;
const QUINTILES = [0, 0.2, 0.4, 0.6, 0.8];
const PERCENTILES = [0.9, 0.95, 0.99, 0.995, 0.999];

/** Measures how long a consumer takes to answer for messages, in milliseconds (RequestStatistics.cs). */
export class AnswerTimes {
  private readonly sentAt = new Map<string, number>();
  private readonly times: number[] = [];

  sent(messageId: string, now: number): void {
    this.sentAt.set(messageId, now);
  }

  /** Records that a message was acknowledged, refused or timed out. */
  done(messageId: string, now: number): void {
    const since = this.sentAt.get(messageId);
    if (since === undefined) return;
    this.sentAt.delete(messageId);
    if (this.times.length >= WINDOW) this.times.shift();
    this.times.push(Math.max(0, now - since));
  }

  /** The measurements; empty before the first answer. */
  get measurements(): readonly Measurement[] {
    const { length } = this.times;
    if (length === 0) return [];
    const sorted = this.times.toSorted((a, b) => a - b);
    const sum = sorted.reduce((total, time) => total + time, 0);
    const at = (share: number): number => sorted[Math.min(length - 1, Math.floor(share * length))]!;
    return [
      { key: 'Mean', value: Math.floor(sum / length) },
      { key: 'Median', value: at(0.5) },
      { key: 'Fastest', value: at(0) },
      ...QUINTILES.map((share, index) => ({ key: `Quintile ${index + 1}`, value: at(share) })),
      ...PERCENTILES.map((share) => ({ key: `${Number((share * 100).toFixed(1))}%`, value: at(share) })),
      { key: 'Highest', value: at(1) },
    ];
  }
}
