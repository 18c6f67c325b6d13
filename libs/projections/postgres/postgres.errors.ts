/**
 * PostgreSQL can't be reached, is starting or stopping, is out of resources, or did not answer in time. Trying again
 * later can help; whether a transaction cut off in the middle of its commit was committed is not known.
 */
export class PostgresUnavailable extends Error {
  override readonly name = 'PostgresUnavailable';
}

/** The statement ran longer than it may. The server is well, the question was too big. */
export class QueryTooSlow extends PostgresUnavailable {}

/**
 * SQLSTATE classes and codes that pass by themselves: connection exceptions, transaction rollbacks (deadlock,
 * serialization), insufficient resources (disk, memory, connections), operator intervention (shutdown, cancel),
 * system errors; a server that is read-only during a failover; a database closed to connections; a lock not had in time;
 * a role or database that is missing while a server is being restored.
 */
const PASSING_CLASSES = new Set(['08', '40', '53', '57', '58']);
const PASSING_CODES = new Set(['25006', '55000', '55P03', '3D000', '28P01', '28000']);
const QUERY_CANCELED = '57014';
/** The tables are not there yet: another process is about to run the migrations. */
const MISSING_TABLES = new Set(['42P01', '42703']);

/** Errors of sockets and of the `pg` client that carry no SQLSTATE. */
const SOCKET_CODE = /^(E[A-Z]+|EAI_AGAIN)$/;
const CLIENT_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|not queryable|DataSource is not established|Driver not Connected/i;

/** What TypeORM says of a connection that was cut under it: the same work on another one can succeed. */
const CUT_UNDER_TYPEORM = new Set([
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
  'TransactionNotStartedError',
  'ConnectionIsNotSetError',
]);

/** Translates whatever the driver threw: a {@link PostgresUnavailable}, or the error itself where repeating won't help. */
export const translatePostgresError = (error: unknown): Error => {
  if (error instanceof PostgresUnavailable) return error;
  const cause = rootOf(error);
  if (cause.code === QUERY_CANCELED) return new QueryTooSlow('The query took too long', { cause: error });
  if (isPassing(cause))
    return new PostgresUnavailable(`PostgreSQL is away: ${reasonOf(cause)}`, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
};

/** Whether a table or column the query names does not exist, as before the first migration. */
export const isMissingTable = (error: unknown): boolean => MISSING_TABLES.has(rootOf(error).code ?? '');

type DriverError = Error & { code?: string; errors?: readonly Error[] };

/** TypeORM wraps the driver's error, and Node gathers those of several addresses. */
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

/** One line; drivers put no password into their messages. */
const reasonOf = ({ message, code, errors }: DriverError): string =>
  (message || errors?.[0]?.message || code || 'no reason given').split('\n')[0]!;
