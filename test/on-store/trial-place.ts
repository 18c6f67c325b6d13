import { randomInt } from 'node:crypto';
import pg from 'pg';

/** The two stores that a trial runs on. */
export type Stores = Readonly<{ eventStoreUrl: string; postgresUrl: string }>;

/** The form of a trial's name. All its streams begin with this word, and its schema is named after it. */
const SCOPE = /^try[a-z0-9]{8}$/;
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

export const makeScope = (): string =>
  `try${Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`;

/** Whether a trial made this name. Nothing else is ever removed. */
export const isScope = (text: string): boolean => SCOPE.test(text);

export const schemaOf = (scope: string): string => `verbatim_${scope}`;

/** Returns the URL with the schema in place of `public`. Its other options stay. */
export const urlInSchema = (postgresUrl: string, schema: string): string => {
  const [address, query = ''] = postgresUrl.split('?', 2) as [string, string?];
  const parameters = new URLSearchParams(query);
  const options = [parameters.get('options'), `-c search_path=${schema}`].filter(Boolean).join(' ');
  parameters.set('options', options);
  return `${address}?${parameters.toString().replaceAll('+', '%20')}`;
};

/** The comment on a schema that says: the role did not exist before this schema, and is removed with it. */
export const MADE_READER = 'made by test:on-store, and with it the role verbatim_reader';
const MADE = 'made by test:on-store';

/** @throws Error with advice, when the user may not make a schema or PostgreSQL does not answer */
export const makeSchema = (postgresUrl: string, schema: string): Promise<void> =>
  withPostgres(postgresUrl, async (client) => {
    const { rowCount } = await client.query(`SELECT FROM pg_roles WHERE rolname = 'verbatim_reader'`);
    try {
      await client.query(`CREATE SCHEMA ${schema}`);
    } catch (error) {
      if ((error as { code?: string }).code !== '42501') throw error;
      throw new Error(
        'the user of VERBATIM_POSTGRES_URL may not make a schema: GRANT CREATE ON DATABASE … TO … (a Verbatim needs no more than one that it owns)',
        { cause: error },
      );
    }
    await client.query(`COMMENT ON SCHEMA ${schema} IS '${rowCount === 0 ? MADE_READER : MADE}'`);
  });

export const withPostgres = async <Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // the query under way reports it
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
};
