import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import type { DataSourceSettings } from './data-source.js';
import { translatePostgresError } from './postgres.errors.js';
import { transactionOf } from './transaction.js';
import type { Transaction } from './transaction.js';

/**
 * The road to the read models. Connects at first use and again after PostgreSQL was away, so that a process can start
 * and live without it. Everything thrown for want of PostgreSQL is a `PostgresUnavailable`.
 */
export class ReadModelDatabase {
  private connecting: Promise<DataSource> | undefined;

  constructor(private readonly settings: DataSourceSettings) {}

  /** For TypeORM's query builder; wrap what is done with it in {@link guarded}. @throws PostgresUnavailable */
  async source(): Promise<DataSource> {
    const connecting = (this.connecting ??= createDataSource(this.settings).initialize());
    try {
      return await connecting;
    } catch (error) {
      if (this.connecting === connecting) this.connecting = undefined;
      throw translatePostgresError(error);
    }
  }

  /** Runs a question, translating what the driver throws. @throws PostgresUnavailable, QueryTooSlow */
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

  /** All of the work is committed or none of it. @throws PostgresUnavailable, or what `work` throws */
  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.guarded((source) =>
      source.transaction((manager) => work(transactionOf(manager.queryRunner!))),
    );
  }

  /** Every question of the work sees the same rows, and none can change any. @throws PostgresUnavailable, or what `work` throws */
  async snapshot<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.guarded((source) =>
      source.transaction('REPEATABLE READ', (manager) => work(transactionOf(manager.queryRunner!))),
    );
  }

  /** Ends the connections; those at work are waited for. */
  async close(): Promise<void> {
    const connecting = this.connecting;
    this.connecting = undefined;
    const source = await connecting?.catch(() => undefined);
    await source?.destroy();
  }
}
