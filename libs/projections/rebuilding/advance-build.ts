import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { mayBeOneOf } from '#libs/event-store/recorded-event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { LogSubscription } from '#libs/event-store/subscription/log-subscription.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { BatchApplier } from '../following/apply-batch.js';
import type { Log } from '../following/build-follower.js';
import type { Build, Checkpoint } from '../builds/build.js';
import type { Projection } from '../builds/projection.js';

/**
 * Brings a build that nobody follows to exactly where another one stands. The events between are applied in one
 * transaction, because the two builds are only a moment apart.
 *
 * @throws ProjectionFailed, CheckpointMoved, PostgresUnavailable, or the error that ended the subscription
 */
export const advanceTo = async (
  target: Checkpoint,
  build: Build,
  projection: Projection,
  log: Log,
  database: ReadModelDatabase,
): Promise<Build> => {
  if (comparePositions(build.position, target.position) >= 0) return build;
  const events = await readUpTo(target.position, build.position, projection, log);
  const applier = new BatchApplier(database, projection, build, log);
  await applier.apply(events, target.landmark, 'live', 0);
  return { ...build, ...applier.checkpoint };
};

const readUpTo = async (
  target: LogPosition,
  from: LogPosition,
  projection: Projection,
  log: Log,
): Promise<PositionedEvent[]> => {
  const found: PositionedEvent[] = [];
  let subscription: LogSubscription | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const reached = (position: LogPosition): void => {
        if (comparePositions(position, target) >= 0) resolve();
      };
      subscription = log.subscribeToAll({
        from,
        streamPrefixes: projection.streamPrefixes,
        onEvent: (event) => {
          const within = comparePositions(event.position, target) <= 0;
          if (within && mayBeOneOf(projection.eventTypes, event)) found.push(event);
          reached(event.position);
        },
        onProgress: reached,
        onCaughtUp: resolve, // everything up to the target has come, because the target is in the log
        onFailure: reject,
      });
    });
  } finally {
    await subscription?.close();
  }
  return found;
};
