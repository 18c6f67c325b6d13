import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { TestPostgresServer } from '#tools/harness/system/postgres-server.js';
import type { Certificate } from './certificates.js';

/** Starts a PostgreSQL with its own access rules: lines of pg_hba.conf that come before the existing ones. */
export const startChoosyPostgres = async (
  certificate: Certificate,
  rules: readonly string[],
): Promise<TestPostgresServer> => {
  const server = await TestPostgresServer.start();
  const rulesFile = await ask(server.url, 'SHOW hba_file');
  const folder = dirname(rulesFile);
  await writeFile(rulesFile, `${rules.join('\n')}\n${await readFile(rulesFile, 'utf8')}`);
  const { uid, gid } = await stat(folder);
  for (const [name, text] of [
    ['server.crt', certificate.certificate],
    ['server.key', certificate.key],
  ] as const) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    await chown(join(folder, name), uid, gid);
  }
  await ask(server.url, 'ALTER SYSTEM SET ssl = on');
  await server.stopServer();
  await server.restart();
  return server;
};

/** Runs statements one after another. Resolves with the first value of the last one. */
export const ask = async (url: string, ...statements: string[]): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let value = '';
    for (const statement of statements) {
      const { rows } = await client.query<Record<string, string>>(statement);
      value = Object.values(rows[0] ?? {})[0] ?? '';
    }
    return value;
  } finally {
    await client.end();
  }
};
