import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { PostgresUnavailable, QueryTooSlow } from '#libs/projections/postgres/postgres.errors.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { AnswerCache } from './answer-cache.js';
import { asRequestError } from './as-request-error.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { NotOfThisLog, VouchedReadModels } from '#libs/projections/vouched-read-models.js';
import { notCaughtUp, readFreshness } from './freshness.js';
import type { Freshness, ReadModelNames } from './freshness.js';
import { Outage } from './outage.js';
import { sleep } from '#libs/time/sleep.js';

/** An answer together with its freshness. */
export class Reflecting<Answer> {
  constructor(
    readonly answer: Answer,
    readonly freshness: Freshness,
    /** Age in milliseconds of an earlier answer that is given again while PostgreSQL is unreachable. */
    readonly ageMs?: number,
  ) {}
}

export type Question<Answer> = Readonly<{
  /** The whole query as text. Equal texts mean equal queries. */
  text: string;
  /** The read models that the answer is taken from. */
  from: ReadModelNames;
  /** Commit position that the answer must at least reflect. */
  minPosition?: bigint | undefined;
  ask(source: EntityManager): Promise<Answer>;
}>;

const STATEMENT_TIMEOUT_MS = 5_000;
const POOL_SIZE = 6;
const WAIT_MS = 5_000;
const LOOK_MS = 25;

/**
 * Runs admins' queries against PostgreSQL, each statement within five seconds and with a role that can only
 * read. The event store is needed only to confirm that the rows were made from this log. While PostgreSQL is
 * unreachable, the last good answers are given and marked as such.
 */
@Injectable()
export class ReadModels implements BeforeApplicationShutdown {
  private readonly database: ReadModelDatabase;
  private readonly cache = new AnswerCache();
  private readonly outage: Outage;

  private readonly vouched: VouchedReadModels;

  constructor(@Inject(SETTINGS) settings: Settings, log: EventStore) {
    this.vouched = new VouchedReadModels(log);
    if (settings.postgres.url === undefined) throw new Error('The admin API needs PostgreSQL');
    this.database = new ReadModelDatabase({
      url: settings.postgres.url,
      applicationName: 'verbatim-admin',
      poolSize: POOL_SIZE,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      readOnly: true,
    });
    this.outage = new Outage(() => this.database.rows('SELECT 1'));
  }

  /**
   * Answers a query. The answer reflects exactly its position, because both are read in one snapshot. Waits
   * at most five seconds for `minPosition`.
   *
   * @throws RequestError `read_model_unavailable`, or `not_caught_up` when `minPosition` is not reached in
   * time
   */
  async answer<Answer extends object>(question: Question<Answer>): Promise<Reflecting<Answer>> {
    if (this.outage.isOn) return this.answerOfBefore(question, new PostgresUnavailable('PostgreSQL is away'));
    try {
      const answered = await this.askUntilLevel(question);
      this.cache.remember(question.text, answered.answer, answered.freshness);
      return answered;
    } catch (error) {
      if (!this.noteOutage(error)) throw asRequestError(error);
      return this.answerOfBefore(question, error as Error);
    }
  }

  /**
   * Runs a query on the current state, in one snapshot. An earlier answer is never given instead.
   *
   * @throws RequestError `read_model_unavailable`
   */
  async now<Answer>(
    from: Exclude<ReadModelNames, 'all'>,
    ask: (source: EntityManager) => Promise<Answer>,
  ): Promise<Answer> {
    if (this.outage.isOn) throw asRequestError(new PostgresUnavailable('PostgreSQL is away'));
    try {
      return await this.database.guarded((source) =>
        source.transaction('REPEATABLE READ', async (manager) => {
          await this.vouch(manager, from);
          return ask(manager);
        }),
      );
    } catch (error) {
      this.noteOutage(error);
      throw asRequestError(error);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.outage.close();
    await this.database.close();
  }

  private vouch(manager: EntityManager, names: readonly string[]): Promise<void> {
    return this.vouched.requireSameLog(names, (sql, parameters) => manager.query(sql, parameters));
  }

  /** @returns whether PostgreSQL is unreachable */
  private noteOutage(error: unknown): boolean {
    if (error instanceof NotOfThisLog) this.cache.clear();
    const isAway = error instanceof PostgresUnavailable && !(error instanceof QueryTooSlow);
    if (isAway) this.vouched.forget();
    if (isAway) this.outage.began();
    return isAway;
  }

  private async askUntilLevel<Answer>(question: Question<Answer>): Promise<Reflecting<Answer>> {
    const { minPosition } = question;
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const answered = await this.askOnce(question);
      if (answered instanceof Reflecting) return answered;
      if (minPosition === undefined || Date.now() >= deadline) throw notCaughtUp(answered, minPosition ?? 0n);
      await sleep(LOOK_MS);
    }
  }

  /** Returns the answer, or only the freshness when that is not sufficient. */
  private askOnce<Answer>({
    from,
    minPosition,
    ask,
  }: Question<Answer>): Promise<Reflecting<Answer> | Freshness> {
    return this.database.guarded((source) =>
      source.transaction('REPEATABLE READ', async (manager) => {
        if (from !== 'all') await this.vouch(manager, from);
        const freshness = await readFreshness(manager, from);
        if (minPosition !== undefined && freshness.position < minPosition) return freshness;
        return new Reflecting(await ask(manager), freshness);
      }),
    );
  }

  private answerOfBefore<Answer>(question: Question<Answer>, error: Error): Reflecting<Answer> {
    const before = this.cache.recall(question.text);
    const suffices =
      before && before.freshness.position >= (question.minPosition ?? before.freshness.position);
    if (!suffices) throw asRequestError(error);
    const ageMs = Date.now() - before.at;
    const { position, lagMs } = before.freshness;
    return new Reflecting(before.answer as Answer, { position, lagMs: lagMs + ageMs }, ageMs);
  }
}
