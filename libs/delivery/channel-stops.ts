import { messagesStream } from '#libs/domain/stream-names.js';
import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';

/** Of each channel so many are kept; what lies behind them is met again once those were decided about. */
const KEPT = 1_000;

/** Where channels stop: before the first event that can't be delivered and that nobody has set aside. */
export class ChannelStops {
  /** By channel, in ascending order. */
  readonly #seqs = new Map<string, number[]>();

  constructor(private readonly setAside: Pick<SetAsideEvents, 'has'>) {}

  add(channel: string, seq: number): void {
    const seqs = this.#seqs.get(channel) ?? [];
    const isBehind = seq > (seqs.at(-1) ?? -1);
    if (isBehind && seqs.length === KEPT) return;
    this.#seqs.set(channel, seqs);
    if (isBehind) seqs.push(seq);
    else if (!seqs.includes(seq)) {
      seqs.push(seq);
      seqs.sort((one, other) => one - other);
      seqs.length = Math.min(seqs.length, KEPT);
    }
  }

  /** The seq before which a channel stops; undefined for one that goes on. */
  of(channel: string): number | undefined {
    const seqs = this.#seqs.get(channel); // asked for every message: none, as a rule
    if (!seqs) return undefined;
    const stream = messagesStream(channel);
    return seqs.find((seq) => !this.setAside.has(stream, seq));
  }
}
