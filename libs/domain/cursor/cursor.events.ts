import type { DomainEvent } from '../event.js';

/**
 * The whole map of a consumer's cursors, channel → last seq acknowledged, as a decimal-free number: a seq is an
 * EventStoreDB revision and stays far below 2^53. A cursor of -1 means "from the very first message".
 *
 * `epoch` tells which of the consumer's connections wrote it: the later, the newer. 0 where it is not said.
 *
 * `since` names the membership that a cursor is of, by the seq after which that began: one of an earlier membership is void.
 * Channels for which it is not said count as of the present one.
 */
export type CursorAdvanced = DomainEvent<
  'CursorAdvanced',
  {
    cursors: Readonly<Record<string, number>>;
    epoch?: number;
    since?: Readonly<Record<string, number>>;
  }
>;
