import { Boundary } from '#libs/platform/faults/boundary.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { Backoff } from '#libs/time/backoff.js';
import {
  AppendTooLarge,
  StoreRefusesWrites,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store.errors.js';
import { sleep } from '#libs/time/sleep.js';
import { Deadlines } from './deadlines.js';
import { PendingRequest } from './pending-request.js';
import { DEFAULT_BATCH_LIMITS, takeBatch } from './take-batch.js';
import type { Clock } from '#libs/time/clock.js';
import type { EventStore } from '../event-store.js';
import type { NewEvent } from '../recorded-event.js';
import type { Outcome, StreamRules } from './stream-rules.js';
import type { BatchLimits } from './take-batch.js';
import type { WritingBudget } from './writing-budget.js';

const WRITER = new Boundary('log.writer');

export type StreamWriterOptions = Readonly<{
  limits?: BatchLimits;
  /** Milliseconds that a request may wait for the store. Default 30 s. */
  deadlineMs?: number;
  clock?: Clock;
  /** Returns jitter in [0, 1) for the pauses between attempts. */
  random?: () => number;
}>;

/** Number of conflicts in a row after which the writer waits, because somebody else writes more than we do. */
const PATIENCE = 3;

/**
 * Writes requests to one stream in order of arrival, each at most once. One append is in flight, and requests that
 * arrive meanwhile form the next batch. So a lone request is written at once, and many share an append. Every append
 * names the revision that the rules have decided against. After a conflict, or an append without an answer, the rules
 * catch up with the stream and decide again. No request is answered before everything in its answer is on disk. If the
 * store says that it can't write, the waiting requests are refused at once.
 */
export class StreamWriter<R, A> {
  /** Requests in order of submission. The batch in flight stays at the head until it is written. */
  readonly #queue: PendingRequest<R, A>[] = [];
  readonly #unanswered: Deadlines<PendingRequest<R, A>>;
  readonly #backoff: Backoff;
  readonly #contention: Backoff;
  readonly #stopping = new AbortController();
  readonly #limits: BatchLimits;
  readonly #deadlineMs: number;
  readonly #clock: Clock;
  #maxEvents: number;
  #atTail = false;
  #conflicts = 0;
  #running = false;
  #whenIdle: (() => void)[] = [];

  constructor(
    private readonly store: Pick<EventStore, 'append'>,
    readonly stream: string,
    private readonly rules: StreamRules<R, A>,
    private readonly budget: WritingBudget,
    options: StreamWriterOptions = {},
  ) {
    this.#limits = options.limits ?? DEFAULT_BATCH_LIMITS;
    this.#deadlineMs = options.deadlineMs ?? 30_000;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#maxEvents = this.#limits.maxEvents;
    this.#backoff = new Backoff(undefined, options.random);
    this.#contention = new Backoff({ initialMs: 2, maxMs: 100 }, options.random);
    this.#unanswered = new Deadlines(this.#clock, (pending) =>
      pending.refuse(new StoreUnavailable(`The event store did not accept it within ${this.#deadlineMs} ms`)),
    );
  }

  /** Whether nothing is waiting, in flight or still to be answered. */
  get idle(): boolean {
    return !this.#running && this.#unanswered.empty;
  }

  /**
   * Resolves with the answer of the rules when it is on disk. Rejects when the rules refuse, the queue is full, the
   * deadline passes or the writer was stopped. After StoreUnavailable the event may still get written, and the caller
   * may submit it again.
   */
  submit(request: R): Promise<A> {
    return new Promise((resolve, reject) => {
      if (this.#stopping.signal.aborted) throw new StoreUnavailable(`Writing to ${this.stream} has stopped`);
      const pending = new PendingRequest<R, A>(request, this.#clock.elapsed() + this.#deadlineMs, {
        resolve,
        reject,
        onSettled: (settled) => this.#onSettled(settled),
      });
      this.budget.addRequest(pending);
      this.#queue.push(pending);
      this.#unanswered.watch(pending);
      if (this.#running) return;
      this.#running = true;
      this.#clock.soon(() => this.#begin()); // requests that arrive in the same turn join the batch
    });
  }

  /**
   * Accepts no more requests and writes those it has; if the store is away they are refused instead. Resolves when all
   * are answered.
   */
  async stopWriter(): Promise<void> {
    this.#stopping.abort();
    if (!this.idle) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /**
   * Starts writing. After an unforeseen fault the waiting requests are refused, and the next one starts again from the
   * end of the stream.
   */
  #begin(): void {
    WRITER.run(
      () => this.#run(),
      (error) => {
        this.#running = false;
        this.#atTail = false;
        for (const pending of this.#queue.splice(0)) pending.refuse(error);
        this.#sayIfIdle();
      },
    );
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      let batch: PendingRequest<R, A>[] = [];
      try {
        await this.#catchUp();
        batch = this.#nextBatch();
        await this.#write(batch, await this.#decide(batch));
      } catch (error) {
        await this.#recover(error as Error, batch);
      }
    }
    this.#running = false;
    this.#sayIfIdle();
  }

  async #catchUp(): Promise<void> {
    if (this.#atTail) return;
    await this.budget.watchAnswer(this.rules.catchUp());
    this.#atTail = true;
    this.budget.storeReached();
  }

  /**
   * Returns the next batch. Requests that gave up waiting leave the queue here, before anything is decided for them.
   */
  #nextBatch(): PendingRequest<R, A>[] {
    const wanted = this.#queue.filter((pending) => !pending.settled);
    this.#queue.splice(0, this.#queue.length, ...wanted);
    return wanted.slice(0, this.#limits.maxEvents);
  }

  #decide(batch: readonly PendingRequest<R, A>[]): Outcome<A>[] | Promise<Outcome<A>[]> {
    if (batch.length === 0) return [];
    const uncertain = batch.filter((pending) => pending.uncertain).map((pending) => pending.request);
    return this.rules.decide(
      batch.map((pending) => pending.request),
      new Set(uncertain),
    );
  }

  async #write(batch: readonly PendingRequest<R, A>[], decided: readonly Outcome<A>[]): Promise<void> {
    const count = takeBatch(decided, { ...this.#limits, maxEvents: this.#maxEvents });
    const outcomes = decided.slice(0, count);
    const appended: PendingRequest<R, A>[] = [];
    const events: NewEvent[] = [];
    outcomes.forEach((outcome, index) => {
      if (outcome.kind !== 'append') return;
      appended.push(batch[index]!);
      events.push(outcome.event);
    });
    const written = events.length > 0 ? await this.#append(appended, events) : undefined;
    if (events.length > 0 && !written) return;
    this.#queue.splice(0, count);
    this.#succeeded();
    outcomes.forEach((outcome, index) => {
      if (outcome.kind === 'answer') batch[index]!.answer(outcome.answer);
      if (outcome.kind === 'refuse') batch[index]!.refuse(outcome.error);
    });
    // Last, so that whoever hears of a success has already heard which earlier requests failed.
    if (written) WRITER.run(() => this.#answer(appended, written.answers));
  }

  /**
   * Appends the events. Returns the pending answers; undefined if the events have to be decided again in smaller
   * batches.
   */
  async #append(
    appended: PendingRequest<R, A>[],
    events: readonly NewEvent[],
  ): Promise<{ answers: Promise<(A | Error)[]> } | undefined> {
    const expected = this.rules.revision();
    try {
      const appending = this.store.append(this.stream, events, expected);
      const { revision, position } = await this.budget.watchAnswer(appending);
      this.budget.storeReached();
      for (const pending of appended) this.budget.removeRequest(pending);
      const requests = appended.map((pending) => pending.request);
      const answers = this.rules.accepted(requests, revision - appended.length + 1, position);
      this.#atTail = this.rules.revision() === revision;
      return { answers };
    } catch (error) {
      if (error instanceof AppendTooLarge) {
        if (appended.length === 1) appended[0]!.refuse(error);
        else this.#maxEvents = Math.ceil(appended.length / 2);
        return undefined;
      }
      if (error instanceof StoreRefusesWrites) throw error; // nothing has changed
      this.#atTail = false;
      if (!(error instanceof WrongExpectedRevision)) {
        for (const pending of appended) pending.uncertain = true;
      }
      throw error;
    }
  }

  async #answer(appended: readonly PendingRequest<R, A>[], answered: Promise<(A | Error)[]>): Promise<void> {
    try {
      const answers = await answered;
      appended.forEach((pending, index) => {
        const answer = answers[index]!;
        if (answer instanceof Error) pending.refuse(answer);
        else pending.answer(answer);
      });
    } catch (error) {
      for (const pending of appended) pending.refuse(error as Error);
    }
  }

  async #recover(error: Error, batch: readonly PendingRequest<R, A>[]): Promise<void> {
    if (error instanceof WrongExpectedRevision) {
      this.#conflicts += 1;
      if (this.#conflicts > PATIENCE)
        await sleep(this.#contention.next(), this.#stopping.signal, this.#clock);
      return;
    }
    const refuses = error instanceof StoreRefusesWrites;
    const away = error instanceof StoreUnavailable && !refuses;
    if (refuses) this.budget.storeReached();
    if (away) this.budget.storeLost();
    if (away && !this.#stopping.signal.aborted) {
      await this.budget.restBeforeRetry(this.#backoff.next(), this.#stopping.signal);
      return;
    }
    const affected = batch.length > 0 && !away && !refuses ? batch : [...this.#queue];
    for (const pending of affected) pending.refuse(error);
    const left = this.#queue.filter((pending) => !pending.settled);
    this.#queue.splice(0, this.#queue.length, ...left);
  }

  #succeeded(): void {
    this.#backoff.reset();
    this.#contention.reset();
    this.#conflicts = 0;
    this.#maxEvents = this.#limits.maxEvents;
  }

  #onSettled(pending: PendingRequest<R, A>): void {
    this.budget.removeRequest(pending);
    this.#unanswered.forget(pending);
    this.#sayIfIdle();
  }

  #sayIfIdle(): void {
    if (!this.idle) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
