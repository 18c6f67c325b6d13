import { MILESTONES_STREAM } from '#libs/domain/stream-names.js';
import type { MilestonePassed } from '#libs/domain/audit/milestone.events.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { LOG_START, parsePosition, type LogPosition } from '#libs/event-store/position.js';

/** A position in the log, and when its event was recorded. */
export type Milestone = Readonly<{ revision: number; position: LogPosition; at: Date }>;

/** Reads the stream of milestones. */
export class Milestones {
  constructor(private readonly store: Pick<EventStore, 'readStream'>) {}

  /**
   * Returns the last milestone with the revision of the stream's last event, because other events may follow
   * it.
   *
   * @throws StoreUnavailable
   */
  async newest(): Promise<Milestone | undefined> {
    let revision: number | undefined;
    const onLastRevision = (last: number): void => void (revision ??= last);
    const options = { direction: 'backwards', from: 'end', limit: LOOKED_AT, onLastRevision } as const;
    for await (const event of this.store.readStream(MILESTONES_STREAM, options)) {
      revision ??= event.revision;
      const milestone = milestoneIn(event);
      if (milestone) return { ...milestone, revision };
    }
    return revision === undefined ? undefined : { revision, position: LOG_START, at: new Date(0) };
  }

  /**
   * Returns the last milestone recorded before `time`. It is a binary search: some twenty small reads among a
   * million milestones.
   *
   * @throws StoreUnavailable
   */
  async lastBefore(time: Date): Promise<Milestone | undefined> {
    let found: Milestone | undefined;
    let low = 0;
    let high = (await this.newest())?.revision ?? -1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const milestone = await this.#firstFrom(middle);
      if (milestone && milestone.at < time) {
        found = milestone;
        low = milestone.revision + 1;
      } else high = middle - 1;
    }
    return found;
  }

  async #firstFrom(from: number): Promise<Milestone | undefined> {
    for await (const event of this.store.readStream(MILESTONES_STREAM, { from, limit: LOOKED_AT })) {
      const milestone = milestoneIn(event);
      if (milestone) return milestone;
    }
    return undefined;
  }
}

/**
 * How many events are examined to find a milestone. Only we write to this stream; if somebody else does, a
 * search must still end soon.
 */
const LOOKED_AT = 100;

/** Returns the milestone in an event, or undefined if the event is not a valid one. */
const milestoneIn = ({ type, data, revision }: RecordedEvent): Milestone | undefined => {
  try {
    const { position, at } = data as MilestonePassed['data'];
    const time = new Date(at);
    if (type !== 'MilestonePassed' || Number.isNaN(time.getTime())) return undefined;
    return { revision, position: parsePosition(position), at: time };
  } catch {
    return undefined;
  }
};
