import type { LogPosition } from '../position.js';
import type { NewEvent } from '../recorded-event.js';

/** The decision of the rules about one request. A refusal is final: the request is rejected with the error. */
export type Outcome<A> =
  { kind: 'append'; event: NewEvent } | { kind: 'answer'; answer: A } | { kind: 'refuse'; error: Error };

/**
 * Decides what a stream accepts. The writer calls one method at a time. It passes the request objects that it was
 * given, and the same ones when it tries again, so the identity of a request can be relied on.
 */
export interface StreamRules<R, A> {
  /**
   * Brings the state to the end of the stream: before the first batch, after a conflict, and after an append with an
   * unknown outcome.
   */
  catchUp(): Promise<void>;

  /** Returns the expected revision for the next append. */
  revision(): number | 'no_stream';

  /**
   * Returns one outcome per request, in order, against the state as of `revision()` and the earlier requests of the
   * same batch. It must not change the state, because the batch may be tried again or cut short.
   *
   * `uncertain` holds the requests whose event was sent in an append that was never answered. When such an event is
   * found in the stream, that is the request's own success and must not be answered as a duplicate.
   */
  decide(requests: readonly R[], uncertain: ReadonlySet<R>): Outcome<A>[] | Promise<Outcome<A>[]>;

  /**
   * Called when the events of these requests are on disk, the first at `firstRevision`, the last at `position`. Returns
   * their answers or refusals (it may wait until the event is seen; the next batch does not wait for that). Before its
   * first await it must update the state, so that `revision()` is right for the next batch.
   *
   * EventStoreDB answers an append whose event ids are all already at the expected place as if it had just written
   * them. So if another writer appends the very same ids at the same moment, both get that answer, and the stored
   * content is that of the other writer. Rules for which that matters have to compare the content.
   */
  accepted(requests: readonly R[], firstRevision: number, position: LogPosition): Promise<(A | Error)[]>;
}
