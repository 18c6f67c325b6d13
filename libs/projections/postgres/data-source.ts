import type pg from 'pg';
import { DataSource } from 'typeorm';
import { BotKeyRow, BotRow } from '../entities/bot.entity.js';
import { ChannelRow } from '../entities/channel.entity.js';
import { MembershipRow } from '../entities/membership.entity.js';
import { MessageRow } from '../entities/message.entity.js';
import { PresenceRow } from '../entities/presence.entity.js';
import { CreateReadModels1795478400000 } from '../migrations/1795478400000-create-read-models.js';
import { Generations1795500000000 } from '../migrations/1795500000000-generations.js';
import { AcceptedDifferences1795543200000 } from '../migrations/1795543200000-accepted-differences.js';
import { LoadingBuilds1795546800000 } from '../migrations/1795546800000-loading-builds.js';
import { KnownPlaces1795723200000 } from '../migrations/1795723200000-known-places.js';
import { SearchedWords1796000400000 } from '../migrations/1796000400000-searched-words.js';
import { ProjectionBuildRow } from '../entities/projection-build.entity.js';

export type DataSourceSettings = Readonly<{
  /** `postgres://user:password@host:port/database`; `?options=-c search_path=…` names a schema other than `public`. */
  url: string;
  /** Name shown in `pg_stat_activity`. */
  applicationName: string;
  poolSize?: number;
  /** Milliseconds after which the server cancels a statement. A second later the client gives up by itself. */
  statementTimeoutMs?: number;
  /** Milliseconds of silence inside a transaction after which the server ends the connection. */
  idleInTransactionTimeoutMs?: number;
  /**
   * For queries. No transaction can write, and the connection takes the role without write access, where that role
   * exists.
   */
  readOnly?: boolean;
  /**
   * Whether commits wait for PostgreSQL's disk. Off by default, because rows that a crash loses are projected again.
   */
  durable?: boolean;
}>;

/** Milliseconds that an attempt to connect may take. */
export const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Handles errors of a connection. Between the pool and TypeORM there are moments when nobody listens to them, and an
 * unhandled `error` event ends the process. The user of the connection learns about the error from its rejected query.
 */
const outliveErrors = (connection: NodeJS.EventEmitter): void => {
  connection.on('error', () => undefined);
};

/** Takes the reader role, which the migrations create where they may. */
const becomeReader = async (connection: pg.ClientBase): Promise<void> => {
  outliveErrors(connection);
  await connection.query(
    `SELECT set_config('role', rolname, false) FROM pg_roles
     WHERE rolname = 'verbatim_reader' AND pg_has_role(current_user, oid, 'MEMBER')`,
  );
};

const optionsOf = ({ durable, readOnly }: DataSourceSettings): string =>
  `-c synchronous_commit=${durable ? 'on' : 'off'} -c default_transaction_read_only=${readOnly ? 'on' : 'off'}`;

/**
 * Adds our options to those in the URL, which would otherwise replace them. Ours come last, because the last one
 * counts.
 */
const urlWithOptions = (settings: DataSourceSettings): string => {
  const [address, query = ''] = settings.url.split('?', 2) as [string, string?];
  const parameters = new URLSearchParams(query);
  const own = parameters.get('options');
  if (own === null) return settings.url;
  parameters.set('options', `${own} ${optionsOf(settings)}`);
  // PostgreSQL would not read `+` as a space.
  return `${address}?${parameters.toString().replaceAll('+', '%20')}`;
};

/** Creates TypeORM's access to the read models. Only migrations change the schema; `synchronize` is never on. */
export const createDataSource = (settings: DataSourceSettings): DataSource =>
  new DataSource({
    type: 'postgres',
    url: urlWithOptions(settings),
    applicationName: settings.applicationName,
    poolSize: settings.poolSize ?? 4,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    synchronize: false,
    logging: false,
    entities: [MessageRow, ChannelRow, MembershipRow, BotRow, BotKeyRow, PresenceRow, ProjectionBuildRow],
    migrations: [
      CreateReadModels1795478400000,
      Generations1795500000000,
      AcceptedDifferences1795543200000,
      LoadingBuilds1795546800000,
      KnownPlaces1795723200000,
      SearchedWords1796000400000,
    ],
    migrationsTableName: 'read_model_migrations',
    // An idle connection that breaks is replaced at the next query; nothing else needs to be done.
    poolErrorHandler: () => undefined,
    extra: {
      keepAlive: true,
      onConnect: settings.readOnly ? becomeReader : outliveErrors,
      options: optionsOf(settings),
      ...(settings.idleInTransactionTimeoutMs === undefined
        ? {}
        : { idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs }),
      ...(settings.statementTimeoutMs === undefined
        ? {}
        : {
            statement_timeout: settings.statementTimeoutMs,
            query_timeout: settings.statementTimeoutMs + 1_000,
          }),
    },
  });
