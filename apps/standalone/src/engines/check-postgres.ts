import type pg from 'pg';
import { tookTooLong } from '../took-too-long.js';
import { withDeadline } from '#libs/time/deadline.js';
import { firstAnswer } from './first-answer.js';
import { planPostgres } from './postgres-plan.js';
import {
  notPostgres,
  postgresTrouble,
  unfitPostgres,
  type PostgresError,
  type PostgresFacts,
  type PostgresPlan,
} from './postgres-trouble.js';
import type { Trouble } from './trouble.js';
import { untilUsable } from './until-usable.js';

/**
 * SSLRequest. A PostgreSQL answers it with one letter
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html).
 */
const HELLO = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const HELLO_MS = 1000;
const ANSWERS = ['S', 'N', 'E'];

/** The last column finds tables that another user created here. They would block migrations and rebuilds. */
const ASK_FACTS = `SELECT current_setting('server_version_num')::int AS version,
  pg_is_in_recovery() AS standby,
  current_schema() AS schema,
  has_schema_privilege(current_schema(), 'CREATE') AS "mayCreate",
  (SELECT pg_get_userbyid(relowner) FROM pg_class
   WHERE oid = to_regclass('projection_builds') AND NOT pg_has_role(relowner, 'USAGE')) AS "foreignOwner"`;

/**
 * Returns the URL once a connection was made to a PostgreSQL that can hold the read models.
 *
 * @throws StartRefused
 */
export const checkPostgres = async (url: string): Promise<string> => {
  await untilUsable(async (leftMs) => {
    const { client, plan } = planPostgres(url, leftMs);
    client.on('error', () => {}); // the pending call reports it
    try {
      return await withDeadline(leftMs, tryConnection(client, plan), tookTooLong(leftMs));
    } catch (error) {
      const trouble = postgresTrouble(error as PostgresError, plan);
      return (await isSomethingElse(error as PostgresError, plan)) ? notPostgres(plan) : trouble;
    } finally {
      client.end().catch(() => undefined); // not awaited: it would wait for ever for a server that hangs
    }
  });
  return url;
};

const tryConnection = async (client: pg.Client, plan: PostgresPlan): Promise<Trouble | undefined> => {
  await client.connect();
  const { rows } = await client.query<PostgresFacts>(ASK_FACTS);
  return unfitPostgres(rows[0] as PostgresFacts, plan);
};

/**
 * Returns whether something other than PostgreSQL listens there. It is asked only when the driver could not
 * interpret the answer: PostgreSQL gives error codes, and so does the system.
 */
const isSomethingElse = async ({ code }: PostgresError, { host, place }: PostgresPlan): Promise<boolean> => {
  if ((code !== undefined && code !== 'ECONNRESET') || host.startsWith('/')) return false;
  const port = Number(place.slice(host.length + 1));
  const answer = await firstAnswer({ host, port }, HELLO, undefined, HELLO_MS);
  return answer.kind === 'bytes' && !ANSWERS.includes(String.fromCodePoint(answer.bytes[0] ?? 0));
};
