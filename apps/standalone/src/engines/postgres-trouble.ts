import { networkTrouble, type Connection, type ConnectionError } from './network-trouble.js';
import { final, passing, type Trouble } from './trouble.js';

const SETTING = 'VERBATIM_POSTGRES_URL';
const WHO = 'PostgreSQL';

/** The oldest version that Verbatim is tested with. */
const OLDEST_VERSION = 15;

/** The content of a PostgreSQL URL, without the password. */
export type PostgresPlan = Readonly<{
  host: string;
  /** `host:port`, or the folder of a Unix socket. */
  place: string;
  user: string;
  database: string;
  tls: boolean;
  /** The `sslrootcert` of the URL. */
  authorityFile?: string | undefined;
}>;

/** An error of the server has a SQLSTATE as its code; an error of the network has the system's code. */
export type PostgresError = ConnectionError & Readonly<{ message: string }>;

/** Explains why there is no connection. */
export const postgresTrouble = (error: PostgresError, plan: PostgresPlan): Trouble => {
  const connection: Connection = {
    who: WHO,
    place: plan.place,
    host: plan.host,
    setting: SETTING,
    authority: { parameter: 'sslrootcert', file: plan.authorityFile },
  };
  return networkTrouble(error, connection) ?? sqlTrouble(error, plan) ?? clientTrouble(error, plan);
};

/**
 * Explains an answer of the server by its SQLSTATE
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html). The texts may be in any language.
 */
const sqlTrouble = ({ code, message }: PostgresError, plan: PostgresPlan): Trouble | undefined => {
  const { place, user, database } = plan;
  switch (code) {
    case '28P01':
      return final(
        `${WHO} at ${place} does not accept the password of user "${user}", or has no such user: correct them in ${SETTING} (special characters percent-encoded)`,
      );
    case '28000':
      return final(refusedUser(message, plan));
    case '3D000':
      return final(
        `${WHO} at ${place} has no database "${database}": create it (CREATE DATABASE ${database}), or correct its name in ${SETTING}`,
      );
    case '42501':
      return final(
        `The user "${user}" may not connect to the database "${database}" of ${WHO} at ${place}: GRANT CONNECT ON DATABASE ${database} TO ${user}`,
      );
    case '53300':
      return passing(
        `${WHO} at ${place} has no connection free (${message}): end some, or raise max_connections or the limit of the user "${user}"`,
      );
    case '57P03':
      return passing(`${WHO} at ${place} accepts no connections yet (${message}): wait until it has started`);
    default:
      return undefined;
  }
};

const refusedUser = (message: string, { place, user, database, tls }: PostgresPlan): string => {
  if (/no encryption/u.test(message) && !tls)
    return `${WHO} at ${place} does not let user "${user}" into "${database}" without TLS: add sslmode=verify-full to ${SETTING} (and sslrootcert for an authority of your own), or allow it in pg_hba.conf`;
  if (/pg_hba/u.test(message))
    return `${WHO} at ${place} does not let user "${user}" into "${database}" from this machine: add a line to its pg_hba.conf`;
  return `${WHO} at ${place} does not let user "${user}" into "${database}" (${message}): correct the user in ${SETTING}, or create it (CREATE ROLE)`;
};

/** Explains an error of the driver itself, which has no code. */
const clientTrouble = ({ code, message }: PostgresError, { place, user }: PostgresPlan): Trouble => {
  if (/password must be a (non-empty )?string/iu.test(message))
    return final(
      `${WHO} at ${place} asks user "${user}" for a password: write it into ${SETTING} (postgres://user:password@host)`,
    );
  if (/does not support SSL/u.test(message))
    return final(
      `${WHO} at ${place} does not use TLS: remove sslmode from ${SETTING}, or turn ssl on at the server`,
    );
  if (/timeout expired|took longer/u.test(message))
    return passing(
      `${WHO} at ${place} accepts the connection but sends nothing: it hangs, or something else listens there. Check the server, and host and port in ${SETTING}`,
    );
  if (/terminated|ECONNRESET/u.test(`${message} ${code}`))
    return passing(
      `${WHO} at ${place} ends the connection without an answer: check the server's log, and host and port in ${SETTING}`,
    );
  return passing(
    `${WHO} at ${place} does not answer (${message || code || 'no reason given'}): check ${SETTING}`,
  );
};

export const notPostgres = ({ place }: PostgresPlan): Trouble =>
  final(`What listens at ${place} is not a PostgreSQL: correct host and port in ${SETTING}`);

/** The facts that a new connection reads from the server. */
export type PostgresFacts = Readonly<{
  /** The `server_version_num`, such as 150014. */
  version: number;
  standby: boolean;
  /** The first existing schema of the search path, or null when there is none. */
  schema: string | null;
  mayCreate: boolean | null;
  /** The owner of the read models' tables, if we do not have that role's rights. */
  foreignOwner: string | null;
}>;

/** Returns why the read models cannot be kept there, or undefined when they can. */
export const unfitPostgres = (
  facts: PostgresFacts,
  { place, user, database }: PostgresPlan,
): Trouble | undefined => {
  const { version, standby, schema, mayCreate, foreignOwner } = facts;
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_VERSION)
    return final(
      `${WHO} at ${place} is version ${major}, too old: Verbatim needs ${OLDEST_VERSION} or later`,
    );
  if (standby)
    return passing(`${WHO} at ${place} is a standby, which can only be read: name the primary in ${SETTING}`);
  if (schema === null)
    return final(
      `The search path of user "${user}" names no schema in "${database}": create one (CREATE SCHEMA verbatim AUTHORIZATION ${user}; ALTER ROLE ${user} SET search_path = verbatim)`,
    );
  if (!mayCreate)
    return final(
      `The user "${user}" may not create tables in "${database}" at ${place}: GRANT CREATE ON SCHEMA ${schema} TO ${user}`,
    );
  if (foreignOwner !== null)
    return final(
      `The tables of the read models in "${database}" at ${place} belong to "${foreignOwner}", not to "${user}": connect as "${foreignOwner}", or REASSIGN OWNED BY ${foreignOwner} TO ${user}`,
    );
  return undefined;
};
