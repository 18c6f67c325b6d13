import { parseArgs } from 'node:util';
import pg from 'pg';
import { randomUUID } from 'node:crypto';
import { TestPostgresServer } from '#tools/harness/system/postgres-server.js';
import { scratchDatabase } from '../support/read-models.js';
import { readCorpora } from './corpora.js';
import { searchTrial } from './trial.js';
import type { TrialOptions } from './trial.js';

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '10000' },
    messages: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    postgres: { type: 'string' },
  },
});

/** Runs the trial in a new database on an existing server, and removes the database afterwards. */
const onServer = async (
  url: string,
): Promise<{ createDatabase(): Promise<string>; remove(): Promise<void> }> => {
  const name = `search_trial_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    createDatabase: async () => {
      await client.query(`CREATE DATABASE ${name}`);
      return new URL(`/${name}`, url).href;
    },
    remove: async () => {
      await client.query(`DROP DATABASE IF EXISTS ${name}`);
      await client.end();
    },
  };
};

const run = async (options: TrialOptions): Promise<void> => {
  const server =
    values.postgres === undefined ? await TestPostgresServer.start() : await onServer(values.postgres);
  try {
    const scratch = await scratchDatabase(server);
    try {
      const [about] = await scratch.database.rows<{ version: string; ctype: string }>(
        'SELECT version(), datctype AS ctype FROM pg_database WHERE datname = current_database()',
      );
      console.log(`${about!.version}, locale ${about!.ctype}`);
      const { byCorpus, examples } = await searchTrial(scratch, readCorpora(), options);
      console.table(byCorpus);
      for (const example of examples) console.log(example);
    } finally {
      await scratch.close();
    }
  } finally {
    await server.remove();
  }
};

await run({
  questions: Number(values.questions),
  messages: Number(values.messages),
  seed: Number(values.seed),
});
