import { Boundary } from '#libs/platform/faults/boundary.js';
import { comparePositions } from '#libs/event-store/position.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { mayBeOneOf } from '#libs/event-store/recorded-event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Projection } from '../builds/projection.js';
import { Interval } from '#libs/time/interval.js';

/** A projection that is watched, and how to get its position. */
export type Watched = Readonly<{ projection: Projection; position(): LogPosition | undefined }>;

const LOOK = new Boundary('projections.standstill');

const LOOK_EVERY_MS = 5_000;
/** Events read in one check. A reader that works passes them between two checks. */
const LOOK_AT = 2_000;

type Sighting = { position: LogPosition; since: number };

/**
 * Finds readers that stand still, whatever they say about their own lag: a subscription that went silent delivers
 * nothing, so nothing seems late. Reads the log itself from where each reader stands, and sees what the reader should
 * have got.
 */
export class StandstillWatch {
  private readonly behind = new Map<string, Sighting>();
  private readonly looks: Interval;

  constructor(
    private readonly readers: readonly Watched[],
    private readonly store: Pick<EventStore, 'readAll'>,
    everyMs = LOOK_EVERY_MS,
  ) {
    this.looks = new Interval(everyMs, () => this.checkProgress(), LOOK);
  }

  start(): void {
    this.looks.start();
  }

  async stopWatching(): Promise<void> {
    await this.looks.stop();
  }

  /**
   * Returns the milliseconds for which a projection has stood at one position although there are events for it; 0 when
   * it moves or is level.
   */
  standstillMs(name: string): number {
    const sighting = this.behind.get(name);
    return sighting === undefined ? 0 : Date.now() - sighting.since;
  }

  /** Checks all readers once. A log that can't be read proves nothing about them: readers report that themselves. */
  async checkProgress(): Promise<void> {
    /** Where the log was found to end, so that the others that stand there need no read of their own. */
    const ends: LogPosition[] = [];
    for (const reader of this.readers) {
      const { name } = reader.projection;
      const position = reader.position();
      const before = this.behind.get(name);
      if (before && position && comparePositions(position, before.position) === 0) continue;
      this.behind.delete(name);
      if (position === undefined) continue;
      if (ends.some((end) => comparePositions(end, position) === 0)) continue;
      const next = await this.nextOf(reader.projection, position, ends).catch(() => undefined);
      const moved = reader.position();
      const stands = moved !== undefined && comparePositions(moved, position) === 0;
      if (next && stands) this.behind.set(name, { position, since: Date.now() });
    }
  }

  /**
   * Returns the first event after the position that the projection wants. Adds the position to `ends` if nothing at all
   * comes after it.
   */
  private async nextOf(
    projection: Projection,
    after: LogPosition,
    ends: LogPosition[],
  ): Promise<PositionedEvent | undefined> {
    let isEnd = true;
    for await (const event of this.store.readAll({ from: after, limit: LOOK_AT })) {
      if (comparePositions(event.position, after) <= 0) continue;
      isEnd = false;
      const itsStream = projection.streamPrefixes.some((prefix) => event.stream.startsWith(prefix));
      const isWanted = itsStream && mayBeOneOf(projection.eventTypes, event);
      if (isWanted) return event;
    }
    if (isEnd) ends.push(after);
    return undefined;
  }
}
