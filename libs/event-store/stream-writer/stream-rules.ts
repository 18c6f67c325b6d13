import type { LogPosition } from '../position.js';
import type { NewEvent } from '../recorded-event.js';

/** What the rules say to one request. A refusal is final: the request is rejected with the error. */
export type Outcome<A> =
  { kind: 'append'; event: NewEvent } | { kind: 'answer'; answer: A } | { kind: 'refuse'; error: Error };

/**
 * What a stream accepts. The writer calls one method at a time and passes the request objects it was given, the same
 * ones again when it has to try again, so a request's identity can be relied on.
 */
export interface StreamRules<R, A> {
  /**
   * Brings the state to the stream's tail: before the first batch, after a conflict and after an append whose outcome
   * is unknown.
   */
  catchUp(): Promise<void>;

  /** Expected revision for the next append. */
  revision(): number | 'no_stream';

  /**
   * One outcome per request in order, against the state as of `revision()`, earlier requests of the same batch
   * included. It must not change the state: what it says may be tried again or cut short.
   *
   * `uncertain` holds those requests whose event went out in an append that was never answered. Finding such an event
   * in the stream is the request's own success, to be answered as one and not as a duplicate.
   */
  decide(requests: readonly R[], uncertain: ReadonlySet<R>): Outcome<A>[] | Promise<Outcome<A>[]>;

  /**
   * The events of these requests are on disk, the first at `firstRevision`, the last at `position`. Returns their
   * answers or refusals (may wait for the event to be seen; the next batch does not wait for it). Must update the state
   * so that `revision()` is right for the next batch, synchronously before its first await.
   *
   * EventStoreDB answers an append whose event ids all lie at the expected place already as if it had written them. So
   * if another writer appends the very same ids at the same moment, both are told so, and what is on disk is the
   * other's content: rules for which that matters compare it.
   */
  accepted(requests: readonly R[], firstRevision: number, position: LogPosition): Promise<(A | Error)[]>;
}
