import { NO_EVENTS, type ExpectedRevision } from './expected-revision.js';

/** The facts about a stream that an append decision needs. */
export interface StreamFacts {
  /** Revision of its last event, or `NO_EVENTS`. A soft delete does not change it. */
  readonly lastRevision: number;
  readonly tombstoned: boolean;
  readonly softDeleted: boolean;
  readonly hasMetadata: boolean;
}

/** Finds events that the append may repeat. */
export interface RepeatedEvents<Id> {
  /**
   * Returns the revision in this stream of a recently written event; undefined if it is forgotten or belongs to another
   * stream.
   */
  recentRevision(id: Id): number | undefined;
  /** Returns whether the event at a revision of this stream has this id. */
  isAt(revision: number, id: Id): boolean;
}

export type AppendDecision =
  | { readonly kind: 'append'; readonly undelete: boolean }
  | { readonly kind: 'repeat'; readonly lastRevision: number }
  | { readonly kind: 'wrong_expected_revision' }
  | { readonly kind: 'stream_deleted' };

const WRONG: AppendDecision = { kind: 'wrong_expected_revision' };
const STREAM_DELETED: AppendDecision = { kind: 'stream_deleted' };

/**
 * Decides whether events may be appended, were appended before, or contradict the writer's expectation, as EventStoreDB
 * does (IndexWriter.CheckCommit in EventStore.Core):
 * - `any` and `stream_exists` look for the ids among those that this process committed recently, on a best-effort
 *   basis: if all are found it is a repeat, if the first is found and a later one is not it is a wrong expected
 *   revision;
 * - an exact revision (or `no_stream`) below the last one compares the ids with those stored right after it, which
 *   needs no memory and works forever;
 * - an append without events is never a repeat.
 */
export const decideAppend = <Id>(
  stream: StreamFacts,
  expected: ExpectedRevision,
  ids: readonly Id[],
  events: RepeatedEvents<Id>,
): AppendDecision => {
  if (stream.tombstoned) return STREAM_DELETED;
  if (expected === 'stream_exists') {
    if (stream.softDeleted) return STREAM_DELETED;
    if (stream.lastRevision === NO_EVENTS && !stream.hasMetadata) return WRONG;
  }
  if (expected === 'any' || expected === 'stream_exists') return decideByRecentIds(stream, ids, events);
  const revision = expected === 'no_stream' ? NO_EVENTS : expected;
  if (revision < stream.lastRevision) return decideByStoredIds(stream, revision, ids, events);
  if (revision > stream.lastRevision) return WRONG;
  return { kind: 'append', undelete: stream.softDeleted };
};

const decideByRecentIds = <Id>(
  stream: StreamFacts,
  ids: readonly Id[],
  events: RepeatedEvents<Id>,
): AppendDecision => {
  let last: number | undefined;
  for (const id of ids) {
    const revision = events.recentRevision(id);
    if (revision === undefined)
      return last === undefined ? { kind: 'append', undelete: stream.softDeleted } : WRONG;
    last = revision;
  }
  if (last === undefined) return { kind: 'append', undelete: stream.softDeleted };
  return { kind: 'repeat', lastRevision: last };
};

const decideByStoredIds = <Id>(
  stream: StreamFacts,
  expected: number,
  ids: readonly Id[],
  events: RepeatedEvents<Id>,
): AppendDecision => {
  let revision = expected;
  for (const id of ids) {
    revision += 1;
    if (events.recentRevision(id) === revision || events.isAt(revision, id)) continue;
    const first = revision === expected + 1;
    const recreates = first && expected === NO_EVENTS && stream.softDeleted;
    return recreates ? { kind: 'append', undelete: true } : WRONG;
  }
  return ids.length === 0 ? WRONG : { kind: 'repeat', lastRevision: revision };
};
