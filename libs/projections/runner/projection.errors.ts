import { formatPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';

/** Another process moved the checkpoint: it is running this projection, so this one must not. Nothing was written. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';

  constructor(projection: string) {
    super(`Another process is running projection ${projection}`);
  }
}

/** The tables were filled by other code and need a rebuild. */
export class VersionMismatch extends Error {
  override readonly name = 'VersionMismatch';

  constructor(projection: string, built: number, code: number) {
    super(`Projection ${projection} is version ${code}, but its tables were built by version ${built}`);
  }
}

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
