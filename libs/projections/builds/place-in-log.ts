import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { LOG_START, comparePositions, formatPosition } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { isLost } from './build.js';
import { noteDisplaced, noteLandmark } from './checkpoints.js';
import type { Build } from './build.js';

type Log = Pick<EventStore, 'holds' | 'landmarkAt'>;

/**
 * Returns the event at which rows stand, or undefined if the present log is not the one they were made from.
 * @throws StoreUnavailable
 */
export const placeInLog = async (
  log: Log,
  position: LogPosition,
  landmark: Landmark | undefined,
): Promise<Landmark | undefined> => {
  if (!landmark) return log.landmarkAt(position);
  return (await log.holds(landmark)) ? landmark : undefined;
};

/**
 * Compares a build with the log, and returns it as it may be continued. A log that was restored from an older copy than
 * the read models causes no error anywhere: reading on from beyond its end yields nothing for ever, and once it has
 * grown it has other events at the same positions.
 *
 * @throws PostgresUnavailable | StoreUnavailable
 */
export const comparedWithLog = async (
  build: Build,
  log: Log,
  database: ReadModelDatabase,
): Promise<Build> => {
  if (isLost(build) || comparePositions(build.position, LOG_START) === 0) return build;
  const landmark = await placeInLog(log, build.position, build.landmark);
  if (landmark && build.landmark) return build;
  if (landmark) {
    await noteLandmark(database, build, landmark);
    return { ...build, landmark };
  }
  const displaced = whyDisplaced(build);
  await noteDisplaced(database, build, displaced);
  const { landmark: _, ...rest } = build;
  return { ...rest, position: LOG_START, displaced };
};

const whyDisplaced = ({ position, landmark }: Build): string => {
  const sought = landmark
    ? `event ${landmark.eventId} (${landmark.stream} ${landmark.revision})`
    : 'an event';
  return `The log does not hold ${sought} at position ${formatPosition(position)}, where the read model stands. It is another log, or it was restored from an older copy`;
};
