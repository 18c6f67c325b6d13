import { comparePositions } from '#libs/event-store/position.js';
import { isDamage } from '#libs/event-store/unreadable/set-aside-events.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { PostgresUnavailable } from '../postgres/postgres.errors.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { checkpointOf } from '../builds/build.js';
import { advanceTogether } from '../builds/advance-together.js';
import { advanceBuild } from '../builds/checkpoints.js';
import type { Advance } from '../builds/checkpoints.js';
import type { Build, Checkpoint } from '../builds/build.js';
import type { BuildState } from '../entities/projection-build.entity.js';
import { BadEvent, CheckpointMoved, ProjectionFailed, isPassing } from '../builds/projection.errors.js';
import { tablesOf } from '../builds/build-tables.js';
import type { Projection } from '../builds/projection.js';
import { sleep } from '#libs/time/sleep.js';

/** Waits before an event that failed alone is tried again, in milliseconds. */
const AGAIN_AFTER_MS = [20, 100, 400] as const;

/**
 * Applies batches to one build, one after the other, and knows where its checkpoint stands. An event that nobody
 * understands stops it, unless an admin has set the event aside: then it is skipped.
 */
export class BatchApplier {
  private at: Checkpoint;

  constructor(
    private readonly database: ReadModelDatabase,
    private readonly projection: Projection,
    readonly build: Build,
    private readonly log: Pick<EventStore, 'setAside' | 'landmarkOf'>,
  ) {
    this.at = checkpointOf(build);
  }

  get position(): LogPosition {
    return this.at.position;
  }

  get checkpoint(): Checkpoint {
    return this.at;
  }

  /**
   * Writes rows and checkpoint in one transaction. The checkpoint goes to the last event, or to `upTo` if that is after
   * it. A batch that can't be applied is halved until the faulty event is alone, and everything before that event is
   * kept. An event counts as faulty only if it fails alone, several times, while the database works.
   *
   * @throws ProjectionFailed naming the event; CheckpointMoved; PostgresUnavailable (then the checkpoint must be read
   * again, because nobody knows whether the last transaction was committed)
   */
  async apply(
    events: readonly PositionedEvent[],
    upTo: Landmark | undefined,
    state: BuildState,
    lagMs: number,
  ): Promise<void> {
    const to = this.furthest(events.at(-1), upTo);
    try {
      await this.commit(events, to, state, lagMs);
    } catch (error) {
      if (error instanceof PostgresUnavailable || error instanceof CheckpointMoved) throw error;
      const [first] = events;
      // Without an event, no event can be to blame.
      if (first === undefined)
        throw new PostgresUnavailable('The checkpoint was not written', { cause: error });
      if (events.length === 1) {
        await this.insist(first, () => this.commit(events, to, state, lagMs), error as Error);
        return;
      }
      const half = events.slice(0, events.length >> 1);
      await this.apply(half, undefined, state, lagMs);
      await this.apply(events.slice(half.length), upTo, state, lagMs);
    }
  }

  private furthest(last: PositionedEvent | undefined, upTo: Landmark | undefined): Checkpoint {
    const marks = [last && this.log.landmarkOf(last), upTo].flatMap((mark) => mark ?? []);
    return marks.reduce<Checkpoint>(
      (at, landmark) =>
        comparePositions(landmark.position, at.position) > 0 ? { position: landmark.position, landmark } : at,
      this.at,
    );
  }

  private async insist(event: PositionedEvent, commit: () => Promise<void>, first: Error): Promise<void> {
    let error = first;
    for (const waitMs of AGAIN_AFTER_MS) {
      if (error instanceof BadEvent) break;
      await sleep(waitMs);
      await this.database.rows('SELECT 1');
      try {
        await commit();
        return;
      } catch (again) {
        if (isPassing(again)) throw again;
        error = again as Error;
      }
    }
    throw new ProjectionFailed(this.projection.name, event, error);
  }

  private async commit(
    events: readonly PositionedEvent[],
    to: Checkpoint,
    state: BuildState,
    lagMs: number,
  ): Promise<void> {
    const advance = { from: this.position, to, state, lagMs };
    if (events.length === 0) await advanceTogether(this.database, this.build, advance);
    else await this.commitRows(events, advance);
    this.at = to;
  }

  private async commitRows(events: readonly PositionedEvent[], advance: Advance): Promise<void> {
    const readable = events.filter((event) => event.unreadable === undefined);
    for (const event of events) if (isDamage(event, this.log.setAside)) throw new BadEvent(event.unreadable);
    await this.database.transaction(async (tx) => {
      await advanceBuild(tx, this.build, advance);
      if (readable.length > 0) await this.projection.apply(readable, tx, tablesOf(this.build.generation));
    });
  }
}
