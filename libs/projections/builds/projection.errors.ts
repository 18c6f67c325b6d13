import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { formatPosition } from '#libs/event-store/position.js';
import { PostgresUnavailable } from '../postgres/postgres.errors.js';
import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';

/** Another process moved the checkpoint: it is running this projection, so this one must not. Nothing was written. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';

  constructor(projection: string) {
    super(`Another process is running projection ${projection}`);
  }
}

/** The projection is another process's now, or this one's connection was cut. Nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor(projection: string) {
    super(`Projection ${projection} is not this process's any more`);
  }
}

/** Whether an error passes by itself, or with the process: everything is read again and compared with the log. */
export const isPassing = (error: unknown): boolean =>
  error instanceof PostgresUnavailable ||
  error instanceof CheckpointMoved ||
  error instanceof LeaseLost ||
  error instanceof StoreUnavailable;

/** An event that can't be understood; what it should look like is in its event file in libs/domain. */
export class BadEvent extends Error {
  override readonly name = 'BadEvent';
}

/** One event could not be applied. All before it are in the read model, it and all after it are not. */
export class ProjectionFailed extends Error {
  override readonly name = 'ProjectionFailed';

  constructor(
    projection: string,
    readonly event: PositionedEvent,
    override readonly cause: Error,
  ) {
    const { type, stream, revision, position } = event;
    super(
      `Projection ${projection} stopped at position ${formatPosition(position)}: ${type} (${stream} ${revision}): ${cause.message}`,
    );
  }
}

/** Whether an event that could not be applied was set aside by now: another attempt passes over it. */
export const isDecided = (error: unknown, setAside: Pick<SetAsideEvents, 'has'>): boolean =>
  error instanceof ProjectionFailed &&
  error.event.unreadable !== undefined &&
  setAside.has(error.event.stream, error.event.revision);
