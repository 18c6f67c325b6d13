import { decodePositioned, isSystemEvent } from '../codec/decode-event.js';
import type { Reading } from '../codec/decode-event.js';
import { translateError } from '../error-translation.js';
import { LogReplaced, StoreUnavailable } from '../event-store.errors.js';
import { sleep } from '#libs/time/sleep.js';
import { LOG_START, comparePositions } from '../position.js';
import { requirePlace } from '../stored/stored-event.js';
import { EventSource, subscriptionAfter } from './event-source.js';
import type { Backoff } from '#libs/time/backoff.js';
import type { LogContinuity } from '../continuity/log-continuity.js';
import type { LogPosition } from '../position.js';
import type { ReadAnswer } from '../stored/read-answer.js';
import type { ReadCall } from '../stored/read-call.js';
import type { LogRead } from '../stored/read-request.js';
import type { StoredEvent } from '../stored/stored-event.js';
import type { ConnectionState, LogSubscription, SubscribeToAll } from './log-subscription.js';

/** Milliseconds between two looks at a log that was empty. */
const EMPTY_LOG_LOOK_MS = 500;

/** Wraps an error of a handler, to tell it from a lost connection. */
class HandlerFailure extends Error {}

export type SubscriptionSupport = Readonly<{
  open(read: LogRead, signal: AbortSignal): Promise<ReadCall>;
  backoff: Backoff;
  /** Returns the last position of the log; LOG_START if it is empty. */
  findEnd(): Promise<LogPosition>;
  /** Returns the place just before the first event of the log; undefined if it is empty. */
  findStart(): Promise<LogPosition | undefined>;
  confirmWithinMs: number;
  /** Events that were written here. Default: none is known. */
  written?: Reading['written'];
  /** Returns the name by which users of the store know a stream. Default: its name in the store. */
  nameOf?(stream: string): string;
  /** Checks whether the log is still the same. Default: nobody checks. */
  continuity?: Pick<LogContinuity, 'noteEvent' | 'connectionLost' | 'requireSameLog' | 'newest' | 'replaced'>;
}>;

/**
 * A catch-up subscription that survives restarts of the server. It resumes after the last handled event or checkpoint,
 * so that no event is skipped, and drops events up to there, so that none is handed over twice. It ends only by
 * `close`, or by a failure that trying again would not cure (handler, decoding, refusal), which it reports with
 * `onFailure`.
 */
export class ResilientSubscription implements LogSubscription {
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #position: LogPosition | undefined;
  #state: ConnectionState | undefined;
  #source: EventSource | undefined;
  /** Position at which the first connection began. */
  #begunAt: LogPosition | undefined;
  /** Position from which it reads a second time, up to its own position. No event for it can be between the two. */
  #again: LogPosition | undefined;

  constructor(
    private readonly support: SubscriptionSupport,
    private readonly options: SubscribeToAll,
  ) {
    const { from } = options;
    this.#position = from === 'start' ? LOG_START : from === 'end' ? undefined : from;
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#source?.close();
    await this.#done;
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // no callback may come before the caller holds the subscription
    while (!this.#closed) {
      try {
        await this.#follow();
      } catch (thrown) {
        if (this.#closed) return;
        const error = thrown instanceof HandlerFailure ? (thrown.cause as Error) : translateError(thrown);
        const passes = error instanceof StoreUnavailable && !(error instanceof LogReplaced);
        if (thrown instanceof HandlerFailure || !passes) {
          this.options.onFailure?.(error);
          return;
        }
        await this.#waitToReconnect(error);
      }
    }
  }

  /** Follows one connection until it is lost. */
  async #follow(): Promise<void> {
    await this.support.continuity?.requireSameLog();
    this.#position ??= await this.#startAtEnd();
    const from = await this.#placeToBeginAt(this.#placeToResumeAt(this.#position));
    if (this.#closed) return;
    const wanted = subscriptionAfter(from, this.options);
    const source = new EventSource(await this.support.open(wanted, this.#closing.signal), {
      withinMs: this.support.confirmWithinMs,
      onConfirmed: () => this.#nowConnected(),
    });
    this.#source = source;
    const ending = new AbortController();
    if (wanted.from === 'start') void this.#leaveOnceNotEmpty(source, ending.signal);
    try {
      while (!this.#closed) {
        const next = source.next();
        const answer = next instanceof Promise ? await next : next;
        if (!answer || this.#closed) return;
        const handled = this.#handle(answer);
        if (handled) await handled;
      }
    } finally {
      ending.abort();
      source.close();
    }
  }

  /**
   * Returns where to resume. A position from a checkpoint, without an event, may be beyond the end of a log that was
   * restored. So every connection after the first begins at the newest event that is known to be there, if that is
   * earlier.
   */
  #placeToResumeAt(position: LogPosition): LogPosition {
    const begunAt = (this.#begunAt ??= position);
    const known = this.support.continuity?.newest;
    const isBeyond = this.#state !== undefined && known && comparePositions(known, position) < 0;
    if (!isBeyond) return position;
    return (this.#again = comparePositions(known, begunAt) < 0 ? begunAt : known);
  }

  /**
   * Returns where to begin. When EventStoreDB 24.10 is asked from the start of a log in which it finds nothing, it
   * sends a checkpoint at 2^64-1 and then no other, because it sends only larger ones. Asked from the place before the
   * first event it sends them all.
   */
  async #placeToBeginAt(position: LogPosition): Promise<LogPosition> {
    if (comparePositions(position, LOG_START) !== 0) return position;
    return (await this.support.findStart()) ?? position;
  }

  /**
   * Closes a connection that began at the start of an empty log, once the log has an event, so that the next one begins
   * there.
   */
  async #leaveOnceNotEmpty(source: EventSource, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await sleep(EMPTY_LOG_LOOK_MS, ended);
      const start = ended.aborted ? undefined : await this.support.findStart().catch(() => undefined);
      if (start) return source.close();
    }
  }

  async #startAtEnd(): Promise<LogPosition> {
    const end = await this.support.findEnd();
    this.options.onProgress?.(end);
    return end;
  }

  /**
   * Handles an answer, synchronously for synchronous handlers: a promise per event would double the cost of catching
   * up.
   */
  #handle(answer: ReadAnswer): void | Promise<void> {
    if (answer.kind === 'event') return this.#handleEvent(requirePlace(answer.event));
    try {
      if (answer.kind === 'caughtUp') return this.options.onCaughtUp?.();
      if (answer.kind === 'checkpoint') return this.#advance(answer.position);
    } catch (error) {
      fail(error);
    }
  }

  #handleEvent(event: StoredEvent): void | Promise<void> {
    try {
      const stream = this.support.nameOf?.(event.stream) ?? event.stream;
      const isSystem = isSystemEvent(event, stream);
      if (this.#isHandled(event.position)) return isSystem ? undefined : this.#refuseNewcomer(event);
      if (event.damaged === undefined) this.support.continuity?.noteEvent(event);
      if (isSystem) return this.#advance(event.position);
      const handled = this.options.onEvent(
        decodePositioned(event, { stream, written: this.support.written }),
        event,
      );
      if (!(handled instanceof Promise)) return this.#advance(event.position);
      return handled.then(() => this.#advance(event.position)).catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** Fails when an event lies where the server had said before that there was none. */
  #refuseNewcomer({ position }: StoredEvent): void {
    const { continuity } = this.support;
    if (!continuity || !this.#again || comparePositions(position, this.#again) <= 0) return;
    throw continuity.replaced(`there is an event at position ${position.commit} now, where none was before`);
  }

  #isHandled(position: LogPosition): boolean {
    return this.#position !== undefined && comparePositions(position, this.#position) <= 0;
  }

  #advance(position: LogPosition): void {
    if (this.#isHandled(position)) return;
    this.#position = position;
    this.options.onProgress?.(position);
  }

  #nowConnected(): void {
    if (this.#state === 'connected' || this.#closed) return;
    this.#state = 'connected';
    this.support.backoff.reset();
    this.options.onConnectionChange?.('connected');
  }

  async #waitToReconnect(error: Error): Promise<void> {
    this.support.continuity?.connectionLost();
    if (this.#state !== 'reconnecting') {
      this.#state = 'reconnecting';
      this.options.onConnectionChange?.('reconnecting', error);
    }
    await sleep(this.support.backoff.next(), this.#closing.signal);
  }
}

const fail = (error: unknown): never => {
  throw new HandlerFailure('handler', { cause: error instanceof Error ? error : new Error(String(error)) });
};
