import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { asRequestError } from './as-request-error.js';
import { waitForPosition } from './freshness.js';
import type { Freshness, ReadModelNames } from './freshness.js';

/** An answer and how fresh it is. */
export class Reflecting<Answer> {
  constructor(
    readonly answer: Answer,
    readonly freshness: Freshness,
  ) {}
}

export type Question<Answer> = Readonly<{
  /** The read models the answer is taken from. */
  from: ReadModelNames;
  /** Commit position that the answer must reflect at least. */
  minPosition?: bigint | undefined;
  ask(source: DataSource): Promise<Answer>;
}>;

const STATEMENT_TIMEOUT_MS = 5_000;
const POOL_SIZE = 6;

/** Where admins' questions are asked: PostgreSQL only, never the log, each within five seconds. */
@Injectable()
export class ReadModels implements BeforeApplicationShutdown {
  private readonly database: ReadModelDatabase;

  constructor(@Inject(SETTINGS) settings: Settings) {
    if (settings.postgres.url === undefined) throw new Error('The admin API needs a PostgreSQL');
    this.database = new ReadModelDatabase({
      url: settings.postgres.url,
      applicationName: 'verbatim-admin',
      poolSize: POOL_SIZE,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    });
  }

  /**
   * The answer reflects its position at least: the checkpoint is read first.
   *
   * @throws RequestError `read_model_unavailable`, or `not_caught_up` when `minPosition` is not reached in time
   */
  async answer<Answer>({ from, minPosition, ask }: Question<Answer>): Promise<Reflecting<Answer>> {
    try {
      const freshness = await waitForPosition(this.database, from, minPosition);
      return new Reflecting(await this.database.guarded(ask), freshness);
    } catch (error) {
      throw asRequestError(error);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
