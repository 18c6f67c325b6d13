import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import type { DataSourceSettings } from './data-source.js';
import { translatePostgresError } from './postgres.errors.js';
import { transactionOf } from './transaction.js';
import type { Transaction } from './transaction.js';

/**
 * Connects to the read models at first use, and again after PostgreSQL was away, so that a process can start and live
 * without it. Every error that is due to PostgreSQL being away is a `PostgresUnavailable`.
 */
export class ReadModelDatabase {
  private connecting: Promise<DataSource> | undefined;

  constructor(private readonly settings: DataSourceSettings) {}

  /** Returns the source for TypeORM's query builder; wrap its use in {@link guarded}. @throws PostgresUnavailable */
  async source(): Promise<DataSource> {
    const connecting = (this.connecting ??= createDataSource(this.settings).initialize());
    try {
      return await connecting;
    } catch (error) {
      if (this.connecting === connecting) this.connecting = undefined;
      throw translatePostgresError(error);
    }
  }

  /** Runs a query and translates the driver's errors. @throws PostgresUnavailable, QueryTooSlow */
  async guarded<Answer>(ask: (source: DataSource) => Promise<Answer>): Promise<Answer> {
    const source = await this.source();
    try {
      return await ask(source);
    } catch (error) {
      throw translatePostgresError(error);
    }
  }

  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.guarded((source) => source.query<Row[]>(sql, [...parameters]));
  }

  /** Commits all of the work or none of it. @throws PostgresUnavailable, or what `work` throws */
  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.guarded((source) =>
      source.transaction((manager) => work(transactionOf(manager.queryRunner!))),
    );
  }

  /** Runs all queries of the work on the same state of the rows. @throws PostgresUnavailable, or what `work` throws */
  async snapshot<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.guarded((source) =>
      source.transaction('REPEATABLE READ', (manager) => work(transactionOf(manager.queryRunner!))),
    );
  }

  /** Ends the connections after waiting for those in use. */
  async close(): Promise<void> {
    const connecting = this.connecting;
    this.connecting = undefined;
    const source = await connecting?.catch(() => undefined);
    await source?.destroy();
  }
}
