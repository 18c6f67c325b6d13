import pg from 'pg';
import { CONNECT_TIMEOUT_MS } from '../postgres/data-source.js';
import { translatePostgresError } from '../postgres/postgres.errors.js';

/**
 * Class of our advisory locks, which have two numbers: "proj" in ASCII. The other number is a hash of the projection's
 * name.
 */
const LOCK_CLASS = 0x70726f6a;

/** The number of a lock. Locks apply to the whole database, so a projection in another schema gets another number. */
const LOCK_NAME = `hashtext(CASE current_schema() WHEN 'public' THEN '' ELSE current_schema() || '.' END || $1)`;

const HOLDER = `SELECT pid FROM pg_locks
  WHERE locktype = 'advisory' AND classid = ${LOCK_CLASS} AND objid = (${LOCK_NAME}::bigint & 4294967295)::oid
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND granted`;

/**
 * Decides which projections this process may run: holds one advisory lock for each, all on one connection. PostgreSQL
 * releases them as soon as the process is gone. The locks only keep processes out of each other's way; that no event is
 * applied twice is guaranteed by the checkpoints.
 */
export class ProjectionLeases {
  private connecting: Promise<pg.Client> | undefined;
  private readonly held = new Set<string>();
  /** The end of the queue of queries. The connection takes one at a time. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly timeoutMs = 5_000,
  ) {}

  /** Returns whether this process holds the lock. False once the connection, and with it the lock, was lost. */
  holds(name: string): boolean {
    return this.held.has(name);
  }

  /** @returns whether this process now holds the lease of the projection @throws PostgresUnavailable */
  async takeLease(name: string): Promise<boolean> {
    if (this.held.has(name)) return true;
    return this.query(async (client) => {
      const { rows } = await client.query<{ taken: boolean }>(
        `SELECT pg_try_advisory_lock(${LOCK_CLASS}, ${LOCK_NAME}) AS taken`,
        [name],
      );
      if (rows[0]!.taken) this.held.add(name);
      return rows[0]!.taken;
    });
  }

  /**
   * Ends the connection of the process that has the projection. Call it when that process is stopped or hangs, and
   * still holds the lock.
   */
  async endHolder(name: string): Promise<void> {
    await this.query((client) =>
      client.query(`SELECT pg_terminate_backend(pid) FROM (${HOLDER}) AS holder`, [name]),
    );
  }

  /** Gives the lease back. Never throws, because a lost connection has given it back already. */
  async releaseLease(name: string): Promise<void> {
    if (!this.held.delete(name)) return;
    await this.query((client) =>
      client.query(`SELECT pg_advisory_unlock(${LOCK_CLASS}, ${LOCK_NAME})`, [name]),
    ).catch(() => undefined);
  }

  async close(): Promise<void> {
    const connecting = this.connecting;
    this.forget(connecting);
    await connecting?.then((client) => client.end()).catch(() => undefined);
  }

  private query<Answer>(question: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
    const answer = this.turn.then(() => this.askNow(question));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async askNow<Answer>(question: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
    const connecting = (this.connecting ??= this.open());
    try {
      return await question(await connecting);
    } catch (error) {
      this.forget(connecting);
      void connecting.then((client) => client.end()).catch(() => undefined);
      throw translatePostgresError(error);
    }
  }

  private open(): Promise<pg.Client> {
    const connecting: Promise<pg.Client> = this.connect(() => this.forget(connecting));
    return connecting;
  }

  private async connect(lost: () => void): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'verbatim-projector-lease',
      connectionTimeoutMillis: Math.min(this.timeoutMs, CONNECT_TIMEOUT_MS),
      query_timeout: this.timeoutMs,
      keepAlive: true,
    });
    client.on('error', lost).on('end', lost);
    await client.connect();
    return client;
  }

  private forget(connecting: Promise<pg.Client> | undefined): void {
    if (this.connecting !== connecting) return;
    this.connecting = undefined;
    this.held.clear();
  }
}
