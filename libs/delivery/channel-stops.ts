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
    if (seqs.includes(seq)) return;
    const next = [...seqs, seq].toSorted((one, other) => one - other);
    this.#seqs.set(channel, next.slice(0, KEPT));
  }

  /** The seq before which a channel stops; undefined for one that goes on. */
  of(channel: string): number | undefined {
    const stream = messagesStream(channel);
    return this.#seqs.get(channel)?.find((seq) => !this.setAside.has(stream, seq));
  }
}
