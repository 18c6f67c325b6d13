import type { FilterSpec } from '../../rules/event-filter.js';

export const STRATEGIES = ['DispatchToSingle', 'RoundRobin', 'Pinned'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/**
 * The events that a group follows: a stream or, when `stream` is undefined, `$all`, from which a filter may leave out
 * events.
 */
export interface GroupTarget {
  readonly stream: string | undefined;
  readonly group: string;
  readonly filter: FilterSpec | undefined;
}

/** The behaviour of a group. Times are in milliseconds. */
export interface GroupSettings {
  /**
   * Revision, or position in `$all`, of the first event wanted when there is no checkpoint; -1 for the next one
   * written.
   */
  readonly startFrom: number;
  readonly resolveLinks: boolean;
  readonly extraStatistics: boolean;
  /** Time after which an unanswered message is retried. It is checked once a second, so 0 means within a second. */
  readonly messageTimeout: number;
  /** Number of times that a message is retried before it is parked. */
  readonly maxRetryCount: number;
  /** Shortest time between two checkpoints, unless `maxCheckpointCount` is reached; 0 allows checkpoints only then. */
  readonly checkpointAfter: number;
  /** Fewest events for which a checkpoint is written. */
  readonly minCheckpointCount: number;
  /** Number of events after which a checkpoint is written at once. */
  readonly maxCheckpointCount: number;
  /** Number of consumers at a time; 0 for any number. */
  readonly maxSubscriberCount: number;
  /** Stored and reported only. Live events are pulled from the log and need no buffer of their own. */
  readonly liveBufferSize: number;
  /** Largest number of messages that are read from the log and not yet sent. */
  readonly bufferSize: number;
  readonly readBatchSize: number;
  readonly strategy: StrategyName;
}

/** Starts with the events that are written from now on. */
export const FROM_END = -1;

/**
 * Says that the settings contradict each other, or the log (PersistentSubscriptionService.cs,
 * PersistentSubscription.cs).
 */
export class InvalidSettings extends Error {
  override name = 'InvalidSettings';
}

/**
 * Checks settings. `lastPosition` is the position of the log's newest event, for groups of `$all`. @throws
 * InvalidSettings
 */
export const checkSettings = (settings: GroupSettings, lastPosition: number | undefined): void => {
  if (!STRATEGIES.includes(settings.strategy))
    throw new InvalidSettings(`Consumer strategy ${settings.strategy as string} does not exist.`);
  if (lastPosition !== undefined && settings.startFrom > lastPosition)
    throw new InvalidSettings(
      'Invalid Start From position: commit position must be less than or equal to the last commit position in the transaction file.',
    );
  if (settings.readBatchSize >= settings.bufferSize)
    throw new InvalidSettings('ReadBatchSize may not be greater than or equal to BufferSize');
};
