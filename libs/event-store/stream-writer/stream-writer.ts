import { Boundary } from '#libs/platform/faults/boundary.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import { Backoff } from '../backoff.js';
import {
  AppendTooLarge,
  StoreRefusesWrites,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store.errors.js';
import { pause } from '../pause.js';
import { Deadlines } from './deadlines.js';
import { PendingRequest } from './pending-request.js';
import { DEFAULT_BATCH_LIMITS, takeBatch } from './take-batch.js';
import type { Clock } from '#libs/platform/clock.js';
import type { EventStore } from '../event-store.js';
import type { NewEvent } from '../recorded-event.js';
import type { Outcome, StreamRules } from './stream-rules.js';
import type { BatchLimits } from './take-batch.js';
import type { WritingBudget } from './writing-budget.js';

const WRITER = new Boundary('log.writer');

export type StreamWriterOptions = Readonly<{
  limits?: BatchLimits;
  /** How long a request may wait for the store. Default 30 s. */
  deadlineMs?: number;
  clock?: Clock;
  /** Jitter in [0, 1) of the pauses between attempts. */
  random?: () => number;
}>;

/** Conflicts in a row after which the writer steps back: someone else is writing more than we are. */
const PATIENCE = 3;

/**
 * Writes requests to one stream in the order they came, each at most once. One append is in flight; what arrives
 * meanwhile is the next batch, so a lone request is written at once and many share an append. Every append names the
 * revision that the rules have decided against; after a conflict or an append without an answer the rules catch up with
 * the stream and decide again. No request is answered before what its answer says is on disk. A store that says it can
 * write nothing is not waited for: whoever waits is refused at once.
 */
export class StreamWriter<R, A> {
  /** In order of submission; the batch in flight stays its head until it is written. */
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
      pending.refuse(new StoreUnavailable(`The event store did not take it within ${this.#deadlineMs} ms`)),
    );
  }

  /** Nothing is waiting, in flight or still to be answered. */
  get idle(): boolean {
    return !this.#running && this.#unanswered.empty;
  }

  /**
   * Resolves with what the rules answer, when it is on disk. Refused by the rules, by a full queue, after the deadline
   * or once stopped; after StoreUnavailable the event may still get written: the caller may submit it again.
   */
  submit(request: R): Promise<A> {
    return new Promise((resolve, reject) => {
      if (this.#stopping.signal.aborted) throw new StoreUnavailable(`Writing to ${this.stream} has stopped`);
      const pending = new PendingRequest<R, A>(request, this.#clock.elapsed() + this.#deadlineMs, {
        resolve,
        reject,
        onSettled: (settled) => this.#onSettled(settled),
      });
      this.budget.enter(pending);
      this.#queue.push(pending);
      this.#unanswered.watch(pending);
      if (this.#running) return;
      this.#running = true;
      this.#clock.soon(() => this.#begin()); // what arrives in the same turn goes along
    });
  }

  /**
   * Takes nothing more and writes what was taken; if the store is away it is refused instead. Resolves when all is
   * answered.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (!this.idle) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** After a fault nobody foresaw whoever waits is refused, and the next one begins anew, from the stream's tail. */
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
    await this.budget.answerOf(this.rules.catchUp());
    this.#atTail = true;
    this.budget.storeReached();
  }

  /** Those who gave up waiting leave the queue here, before anything is decided for them. */
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
    // After those: whoever hears that it was written has heard before who in front of it was not.
    if (written) WRITER.run(() => this.#answer(appended, written.answers));
  }

  /** What to answer, when it is known; undefined if the events have to be decided again in smaller parts. */
  async #append(
    appended: PendingRequest<R, A>[],
    events: readonly NewEvent[],
  ): Promise<{ answers: Promise<(A | Error)[]> } | undefined> {
    const expected = this.rules.revision();
    try {
      const appending = this.store.append(this.stream, events, expected);
      const { revision, position } = await this.budget.answerOf(appending);
      this.budget.storeReached();
      for (const pending of appended) this.budget.leave(pending);
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
        await pause(this.#contention.next(), this.#stopping.signal, this.#clock);
      return;
    }
    const refuses = error instanceof StoreRefusesWrites;
    const away = error instanceof StoreUnavailable && !refuses;
    if (refuses) this.budget.storeReached();
    if (away) this.budget.storeLost();
    if (away && !this.#stopping.signal.aborted) {
      await this.budget.pause(this.#backoff.next(), this.#stopping.signal);
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
    this.budget.leave(pending);
    this.#unanswered.forget(pending);
    this.#sayIfIdle();
  }

  #sayIfIdle(): void {
    if (!this.idle) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
