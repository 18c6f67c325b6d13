import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { formatPosition } from '#libs/event-store/position.js';
import { PostgresUnavailable } from '../postgres/postgres.errors.js';
import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';

/**
 * Says that another process moved the checkpoint, so that process runs this projection and this one must not. Nothing
 * was written.
 */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';

  constructor(projection: string) {
    super(`Another process is running projection ${projection}`);
  }
}

/** Says that another process runs the projection now, or that this one's connection was cut. Nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor(projection: string) {
    super(`Projection ${projection} is not this process's any more`);
  }
}

/** Returns whether an error passes without help: everything is then read again and compared with the log. */
export const isPassing = (error: unknown): boolean =>
  error instanceof PostgresUnavailable ||
  error instanceof CheckpointMoved ||
  error instanceof LeaseLost ||
  error instanceof StoreUnavailable;

/** Says that an event can't be understood. Its event file in libs/domain says what it should look like. */
export class BadEvent extends Error {
  override readonly name = 'BadEvent';
}

/**
 * Says that one event could not be applied. The read model contains all events before it, and neither that event nor
 * any after it.
 */
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

/** Returns whether an event that could not be applied has been set aside since, so that another attempt skips it. */
export const isDecided = (error: unknown, setAside: Pick<SetAsideEvents, 'has'>): boolean =>
  error instanceof ProjectionFailed &&
  error.event.unreadable !== undefined &&
  setAside.has(error.event.stream, error.event.revision);
