import type pg from 'pg';
import { DataSource } from 'typeorm';
import { BotKeyRow, BotRow } from '../bots/bot.entity.js';
import { ChannelRow } from '../channels/channel.entity.js';
import { MembershipRow } from '../memberships/membership.entity.js';
import { MessageRow } from '../messages/message.entity.js';
import { PresenceRow } from '../presence/presence.entity.js';
import { CreateReadModels1795478400000 } from '../migrations/1795478400000-create-read-models.js';
import { Generations1795500000000 } from '../migrations/1795500000000-generations.js';
import { AcceptedDifferences1795543200000 } from '../migrations/1795543200000-accepted-differences.js';
import { LoadingBuilds1795546800000 } from '../migrations/1795546800000-loading-builds.js';
import { KnownPlaces1795723200000 } from '../migrations/1795723200000-known-places.js';
import { SearchedWords1796000400000 } from '../migrations/1796000400000-searched-words.js';
import { ProjectionBuildRow } from '../runner/projection-build.entity.js';

export type DataSourceSettings = Readonly<{
  /** `postgres://user:password@host:port/database`; `?options=-c search_path=…` names a schema other than `public`. */
  url: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  poolSize?: number;
  /** After so long the server gives a statement up, and a second later the client does by itself. */
  statementTimeoutMs?: number;
  /** After so long without a word in the middle of a transaction the server ends the connection. */
  idleInTransactionTimeoutMs?: number;
  /** For questions: no transaction can write, and the role is one that could not either, where there is such a role. */
  readOnly?: boolean;
  /** Whether commits wait for PostgreSQL's disk. What a crash takes of projected rows is projected again: default no. */
  durable?: boolean;
}>;

/** So long an attempt to connect may take. */
export const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Between the pool and TypeORM there are moments when nobody listens to a connection's errors, and an `error` event
 * nobody listens to ends the process. Whoever uses the connection is told by its own query's rejection.
 */
const outliveErrors = (connection: NodeJS.EventEmitter): void => {
  connection.on('error', () => undefined);
};

/** The migrations make the role where they may. */
const becomeReader = async (connection: pg.ClientBase): Promise<void> => {
  outliveErrors(connection);
  await connection.query(
    `SELECT set_config('role', rolname, false) FROM pg_roles
     WHERE rolname = 'verbatim_reader' AND pg_has_role(current_user, oid, 'MEMBER')`,
  );
};

const optionsOf = ({ durable, readOnly }: DataSourceSettings): string =>
  `-c synchronous_commit=${durable ? 'on' : 'off'} -c default_transaction_read_only=${readOnly ? 'on' : 'off'}`;

/** Options in a URL take the place of those beside it, and ours must hold in any case: they go last, for the last one counts. */
const urlWithOptions = (settings: DataSourceSettings): string => {
  const [address, query = ''] = settings.url.split('?', 2) as [string, string?];
  const parameters = new URLSearchParams(query);
  const own = parameters.get('options');
  if (own === null) return settings.url;
  parameters.set('options', `${own} ${optionsOf(settings)}`);
  // As `+` a space would stay what it is.
  return `${address}?${parameters.toString().replaceAll('+', '%20')}`;
};

/**
 * TypeORM over the read models. The schema is changed by migrations alone; `synchronize` is never on.
 */
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
    // An idle connection that breaks is replaced at the next query; there is nothing else to do about it.
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
