import { landmarkOf } from '#libs/event-store/continuity/landmark.js';
import { decodePositioned } from '#libs/event-store/codec/decode-event.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { isDamage } from '#libs/event-store/unreadable/set-aside-events.js';
import { retry } from '#libs/time/retry.js';
import { LOG_START, comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { mayBeOneOf } from '#libs/event-store/recorded-event.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { copyLine } from '../postgres/copy-text.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { checkpointOf } from '../builds/build.js';
import type { Log } from '../following/build-follower.js';
import { CopyBatch, LARGE } from './copy-batch.js';
import type { CopyLimits } from './copy-batch.js';
import { advanceBuild, endLoading } from '../builds/checkpoints.js';
import type { Build, Checkpoint } from '../builds/build.js';
import { restAfter } from '../following/effort.js';
import { tablesOf } from '../builds/build-tables.js';
import { BadEvent, ProjectionFailed } from '../builds/projection.errors.js';
import type { Load, Projection } from '../builds/projection.js';
import { INDEX_MEMORY, createApplyIndexes } from '../builds/table-shape.js';

/** The speed of loading. `effort` is the share of the time, above 0 and up to 1, in which it works. */
export type LoadPace = Readonly<{ effort: number; copy: CopyLimits }>;

const FULL_SPEED: LoadPace = { effort: 1, copy: LARGE };

/**
 * Fills an unsettled build up to the present end of the log. While one batch is copied, rows and checkpoint in one
 * transaction, the next one is read and encoded.
 */
export class BuildLoader {
  private at: Checkpoint;

  constructor(
    private readonly projection: Projection,
    private readonly loading: Load,
    private readonly build: Build,
    private readonly log: Log,
    private readonly database: ReadModelDatabase,
    private readonly pace: LoadPace = FULL_SPEED,
  ) {
    this.at = checkpointOf(build);
  }

  /** The position of the last loaded event. */
  get position(): LogPosition {
    return this.at.position;
  }

  /**
   * Copies rows up to the end of the log, and waits while the event store is away. An event that can't be loaded causes
   * an error only after everything before its batch is stored.
   *
   * @throws CheckpointMoved, PostgresUnavailable, the error of an event that can't become a row, or PostgreSQL's own
   */
  async loadRows(signal: AbortSignal): Promise<void> {
    await retry(
      () => this.pass(signal),
      (error) => error instanceof StoreUnavailable,
      signal,
    );
  }

  /**
   * Turns the loaded rows into a build that `apply` can continue, completely or not at all.
   *
   * @throws CheckpointMoved, PostgresUnavailable, or whatever makes that impossible
   */
  async settle(maintenance: ReadModelDatabase): Promise<Build> {
    const { tables } = this.projection;
    const { generation } = this.build;
    await maintenance.transaction(async (tx) => {
      await tx.run(`SET LOCAL maintenance_work_mem = '${INDEX_MEMORY}'`);
      await createApplyIndexes(tx, tables, generation);
    });
    await maintenance.transaction(async (tx) => {
      // A frozen process must not hold up the one that takes over.
      await tx.run(`SET LOCAL idle_in_transaction_session_timeout = '5s'`);
      await advanceBuild(tx, this.build, {
        from: this.position,
        to: this.at,
        state: 'catching_up',
        lagMs: 0,
      });
      await this.loading.settle(tx, tablesOf(generation));
      await endLoading(tx, this.build);
    });
    return { ...this.build, ...this.at, loading: false };
  }

  private async pass(signal: AbortSignal): Promise<void> {
    let batch = new CopyBatch(this.position, this.pace.copy);
    let copying = Promise.resolve();
    try {
      for await (const events of this.read(signal)) {
        const began = performance.now();
        for (const event of events) this.addEvent(event, batch);
        await restAfter(performance.now() - began, this.pace.effort, signal);
        if (!batch.isFull) continue;
        await copying;
        copying = this.copy(batch, signal);
        copying.catch(() => undefined); // awaited before the next copy
        batch = new CopyBatch(batch.upTo, this.pace.copy);
      }
    } finally {
      await copying;
    }
    if (batch.rows > 0 && !signal.aborted) await this.copy(batch, signal);
  }

  /** Reads from the checkpoint on. The event at the checkpoint comes once more. */
  private read(signal: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
    return this.log.readStored(
      {
        direction: 'forwards',
        from: comparePositions(this.position, LOG_START) === 0 ? 'start' : this.position,
        filter: { streams: this.projection.streamPrefixes },
        follow: false,
        tellsDamage: true,
      },
      signal,
    );
  }

  private addEvent(event: StoredEvent, batch: CopyBatch): void {
    if (comparePositions(event.position, batch.upTo) <= 0) return;
    if (!mayBeOneOf(this.projection.eventTypes, event)) return;
    const decoded = decodePositioned(event);
    if (isDamage(decoded, this.log.setAside))
      throw new ProjectionFailed(this.projection.name, decoded, new BadEvent(decoded.unreadable));
    if (decoded.unreadable === undefined)
      batch.addLine(copyLine(this.loading.row(decoded)), landmarkOf(event));
  }

  private async copy({ lines, last }: CopyBatch, signal: AbortSignal): Promise<void> {
    const began = Date.now();
    const { table, columns } = this.loading;
    const to: Checkpoint = last ? { position: last.position, landmark: last } : this.at;
    await this.database.transaction(async (tx) => {
      await advanceBuild(tx, this.build, { from: this.position, to, state: 'catching_up', lagMs: 0 });
      await tx.copy(tablesOf(this.build.generation)(table), columns, lines);
    });
    this.at = to;
    await restAfter(Date.now() - began, this.pace.effort, signal);
  }
}
