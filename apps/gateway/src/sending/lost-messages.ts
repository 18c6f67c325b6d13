import { isThere } from '#libs/delivery/is-there.js';
import { isMadeAfter } from '#libs/delivery/uuid-time.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { GAPS_GIVEN } from '#libs/projections/accepted-lookup.js';
import type { MessageGap } from '#libs/projections/accepted-lookup.js';

/** The most gaps whose result is remembered. */
const MOST = 10_000;

/**
 * Finds out whether an id may belong to a message that nobody knows any more: it was removed from the log before the
 * read model had seen it. A gap in the read model may also be an event that an admin has set aside. Such an event is
 * still in its stream, and its id counts for nothing.
 */
export class LostMessages {
  private readonly found = new Map<string, boolean>();

  constructor(private readonly store: Pick<EventStore, 'readStream'>) {}

  /** @param gaps of the read model, the latest first. @throws StoreUnavailable */
  async mayBeOf(id: string, gaps: readonly MessageGap[]): Promise<boolean> {
    for (const gap of gaps) {
      if (isMadeAfter(id, gap.at)) return false; // all others are older
      if (await this.isLost(gap)) return true;
    }
    return gaps.length >= GAPS_GIVEN; // there may be more
  }

  /** Scavenging removes the oldest events of a stream first. */
  private async isLost({ channel, firstMissing }: MessageGap): Promise<boolean> {
    const key = `${channel}/${firstMissing}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    const isLost = !(await isThere(this.store, channel, firstMissing));
    if (this.found.size >= MOST) this.found.clear();
    this.found.set(key, isLost);
    return isLost;
  }
}
