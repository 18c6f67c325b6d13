import type { DomainEvent } from '../event.js';

/**
 * Holds all cursors of a consumer: for each channel, the last acknowledged seq. A plain number is enough,
 * because a seq is an EventStoreDB revision and stays far below 2^53. A cursor of -1 means "before the first
 * message".
 *
 * `epoch` identifies the consumer's connection that wrote the cursors. A newer connection has a higher epoch.
 * A missing epoch counts as 0.
 *
 * `since` names, for each channel, the membership that the cursor belongs to, by the seq after which that
 * membership began. A cursor from an earlier membership is void. A channel without an entry counts as
 * belonging to the current membership.
 */
export type CursorAdvanced = DomainEvent<
  'CursorAdvanced',
  {
    cursors: Readonly<Record<string, number>>;
    epoch?: number;
    since?: Readonly<Record<string, number>>;
  }
>;
