import { MILESTONES_STREAM } from '#libs/domain/stream-names.js';
import type { MilestonePassed } from '#libs/domain/audit/milestone.events.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { parsePosition, type LogPosition } from '#libs/event-store/position.js';

/** A place in the log and when the event there was recorded. */
export type Milestone = Readonly<{ revision: number; position: LogPosition; at: Date }>;

/** Reads of the stream of milestones. */
export class Milestones {
  constructor(private readonly store: Pick<EventStore, 'readStream'>) {}

  /** @throws StoreUnavailable */
  async newest(): Promise<Milestone | undefined> {
    return this.#first('backwards', 'end');
  }

  /**
   * The last one recorded before `time`, found by halving: some twenty small reads among a million.
   * @throws StoreUnavailable
   */
  async lastBefore(time: Date): Promise<Milestone | undefined> {
    let found: Milestone | undefined;
    let low = 0;
    let high = (await this.newest())?.revision ?? -1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const milestone = await this.#first('forwards', middle);
      if (milestone && milestone.at < time) {
        found = milestone;
        low = middle + 1;
      } else high = middle - 1;
    }
    return found;
  }

  async #first(direction: 'forwards' | 'backwards', from: number | 'end'): Promise<Milestone | undefined> {
    for await (const event of this.store.readStream(MILESTONES_STREAM, { direction, from, limit: 1 })) {
      const { position, at } = event.data as MilestonePassed['data'];
      return { revision: event.revision, position: parsePosition(position), at: new Date(at) };
    }
    return undefined;
  }
}
