import type { FilterSpec } from '../../rules/event-filter.js';

export const STRATEGIES = ['DispatchToSingle', 'RoundRobin', 'Pinned'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** What a group follows: a stream, or with undefined `$all`, of which a filter may leave out events. */
export interface GroupTarget {
  readonly stream: string | undefined;
  readonly group: string;
  readonly filter: FilterSpec | undefined;
}

/** How a group behaves. Times are milliseconds. */
export interface GroupSettings {
  /** Revision, or position of `$all`, of the first event wanted if there is no checkpoint; -1: the next one written. */
  readonly startFrom: number;
  readonly resolveLinks: boolean;
  readonly extraStatistics: boolean;
  /** After it a message that was not answered is retried; looked at once a second, so 0 means within one. */
  readonly messageTimeout: number;
  /** So often a message is retried before it is parked. */
  readonly maxRetryCount: number;
  /** Least time between two checkpoints, unless `maxCheckpointCount` is reached; 0: only then. */
  readonly checkpointAfter: number;
  /** Fewer events than this are worth no checkpoint. */
  readonly minCheckpointCount: number;
  /** So many events are worth a checkpoint at once. */
  readonly maxCheckpointCount: number;
  /** Consumers at a time; 0: any number. */
  readonly maxSubscriberCount: number;
  /** Kept and reported; live events are pulled from the log, where they need no buffer of their own. */
  readonly liveBufferSize: number;
  /** Most messages read from the log and not yet sent. */
  readonly bufferSize: number;
  readonly readBatchSize: number;
  readonly strategy: StrategyName;
}

/** Follows what is written from now on. */
export const FROM_END = -1;

/** The settings contradict each other, or the log (PersistentSubscriptionService.cs, PersistentSubscription.cs). */
export class InvalidSettings extends Error {
  override name = 'InvalidSettings';
}

/** @throws InvalidSettings; `lastPosition` is that of the newest event of the log, for groups of `$all` */
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
