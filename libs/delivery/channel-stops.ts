import { messagesStream } from '#libs/domain/stream-names.js';
import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';

/** How many stops are kept for each channel. Later ones are found again once these have been decided about. */
const KEPT = 1_000;

/**
 * Knows where channels stop: before the first event that cannot be delivered and that nobody has set aside.
 */
export class ChannelStops {
  /** The seqs of the events that cannot be delivered, by channel, in ascending order. */
  readonly #seqs = new Map<string, number[]>();

  constructor(private readonly setAside: Pick<SetAsideEvents, 'has'>) {}

  /** Adds an event that cannot be delivered. Adding it again changes nothing. */
  addStop(channel: string, seq: number): void {
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

  /** Returns the seq before which a channel stops, or undefined for one that does not stop. */
  stopOf(channel: string): number | undefined {
    const seqs = this.#seqs.get(channel); // this runs for every message; usually there are none
    if (!seqs) return undefined;
    const stream = messagesStream(channel);
    return seqs.find((seq) => !this.setAside.has(stream, seq));
  }
}
