/**
 * Says that PostgreSQL can't be reached, is starting or stopping, is out of resources, or did not answer in time.
 * Trying again later can help. Whether a transaction that was cut off during its commit was committed is unknown.
 */
export class PostgresUnavailable extends Error {
  override readonly name = 'PostgresUnavailable';
}

/** Says that the statement ran longer than it may. The server is well; the query was too big. */
export class QueryTooSlow extends PostgresUnavailable {}

/**
 * SQLSTATE classes and codes of passing conditions: connection exceptions, transaction rollbacks (deadlock,
 * serialization), insufficient resources (disk, memory, connections), operator intervention (shutdown, cancel), system
 * errors; a server that is read-only during a failover; a database that accepts no connections; a lock that was not
 * obtained in time; a role or database that is missing while a server is being restored.
 */
const PASSING_CLASSES = new Set(['08', '40', '53', '57', '58']);
const PASSING_CODES = new Set(['25006', '55000', '55P03', '3D000', '28P01', '28000']);
const QUERY_CANCELED = '57014';
/** SQLSTATE codes of missing tables and columns: another process is about to run the migrations. */
const MISSING_TABLES = new Set(['42P01', '42703']);

/** Matches errors of sockets and of the `pg` client, which have no SQLSTATE. */
const SOCKET_CODE = /^(E[A-Z]+|EAI_AGAIN)$/;
const CLIENT_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|not queryable|DataSource is not established|Driver not Connected/i;

/** Errors of TypeORM after its connection was cut. The same work can succeed on another connection. */
const CUT_UNDER_TYPEORM = new Set([
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
  'TransactionNotStartedError',
  'ConnectionIsNotSetError',
]);

/**
 * Translates whatever the driver threw into a {@link PostgresUnavailable}, or returns the error itself where trying
 * again won't help.
 */
export const translatePostgresError = (error: unknown): Error => {
  if (error instanceof PostgresUnavailable) return error;
  const cause = rootOf(error);
  if (cause.code === QUERY_CANCELED) return new QueryTooSlow('The query took too long', { cause: error });
  if (isPassing(cause))
    return new PostgresUnavailable(`PostgreSQL is away: ${reasonOf(cause)}`, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
};

/** Returns whether the query names a table or column that does not exist, as before the first migration. */
export const isMissingTable = (error: unknown): boolean => MISSING_TABLES.has(rootOf(error).code ?? '');

type DriverError = Error & { code?: string; errors?: readonly Error[] };

/** Returns the driver's error, which TypeORM wraps. */
const rootOf = (error: unknown): DriverError => {
  if (!(error instanceof Error)) return new Error(String(error));
  const wrapped: unknown = Reflect.get(error, 'driverError');
  if (wrapped instanceof Error) return rootOf(wrapped);
  return error;
};

const isPassing = ({ code, message, name }: DriverError): boolean => {
  if (CUT_UNDER_TYPEORM.has(name)) return true;
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !SOCKET_CODE.test(code)) {
    return PASSING_CLASSES.has(code.slice(0, 2)) || PASSING_CODES.has(code);
  }
  return (code !== undefined && SOCKET_CODE.test(code)) || CLIENT_MESSAGE.test(message);
};

/**
 * Returns the reason in one line. Node gathers the errors of several addresses in one. Drivers put no password into
 * their messages.
 */
const reasonOf = ({ message, code, errors }: DriverError): string =>
  (message || errors?.[0]?.message || code || 'no reason given').split('\n')[0]!;
